// What a published emulator class derives from (the interface of hls4mlEmulator, as far as such classes see it), and how the
// bench learns which types it reads and writes: a class asks std::any for them, and a Port answers for any type asked for.
#ifndef EMULATOR_H_
#define EMULATOR_H_

#include <any>
#include <utility>

#include "published_ports.h"

namespace hls4mlEmulator {

class Model {
  public:
    virtual ~Model() = default;
    virtual void prepare_input(std::any input) = 0;
    virtual void predict() = 0;
    virtual void read_result(std::any result) = 0;
};

}  // namespace hls4mlEmulator

// published sources write std::any_cast, so the replacement has to be found there
namespace std {

template <class T, class Any> T l1ml_any_cast(Any &&value) {
    if constexpr (std::is_same_v<std::decay_t<Any>, std::any> && std::is_pointer_v<T>) {
        if (auto port = std::any_cast<l1ml::Port *>(&value)) return (*port)->template bind<std::remove_pointer_t<T>>();
    }
    return std::any_cast<T>(std::forward<Any>(value));
}

template <class T> T *l1ml_any_cast(std::any *value) {
    if constexpr (std::is_pointer_v<T>) {
        if (auto port = std::any_cast<l1ml::Port *>(value)) return (*port)->template bind_pointer<std::remove_pointer_t<T>>();
    }
    return std::any_cast<T>(value);
}

}  // namespace std

#define any_cast l1ml_any_cast

#endif
