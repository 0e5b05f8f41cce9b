// The C interface of the trigger network <<name>>. Its symbols carry the digest of the model, so that any number of networks fit into
// one program; define L1ML_NO_ENTRY where several are linked together instead of being loaded from libraries of their own.
#include "<<stem>>.h"
#include "l1ml_network.h"

#include <new>

#if defined(_WIN32)
#define L1ML_EXPORT extern "C" __declspec(dllexport)
#else
#define L1ML_EXPORT extern "C" __attribute__((visibility("default")))
#endif

// nothing here can be replaced by a symbol of another library: the table points to functions that have none
namespace {

namespace network = <<space>>;

struct Network {
    const char *digest;
};

constexpr char description[] =
<<description>>;

void *create() noexcept { return new (std::nothrow) Network{network::digest}; }

std::int32_t predict(
    const void *handle, const std::int32_t *words, std::int64_t n, std::int64_t *scores, l1ml_place_v1 *place) noexcept {
    if (handle == nullptr) return L1ML_BAD_ARGUMENT;
    if (static_cast<const Network *>(handle)->digest != network::digest) return L1ML_WRONG_NETWORK;
    const network::Status status = network::predict(words, n, scores);
    if (place != nullptr) *place = {status.crossing, status.input};
    return static_cast<std::int32_t>(status.code);
}

void destroy(void *handle) noexcept { delete static_cast<Network *>(handle); }

constexpr l1ml_network_table_v1 table = {
    1,
    sizeof(l1ml_network_table_v1),
    network::n_inputs,
    network::n_outputs,
    network::stack_bytes,
    network::name,
    network::digest,
    description,
    create,
    predict,
    destroy,
};

}  // namespace

L1ML_EXPORT const l1ml_network_table_v1 *<<space>>_table(void) { return &table; }
L1ML_EXPORT const char *<<space>>_describe(void) { return description; }
L1ML_EXPORT void *<<space>>_create(void) { return create(); }
L1ML_EXPORT std::int32_t <<space>>_predict(
    const void *handle, const std::int32_t *words, std::int64_t n, std::int64_t *scores, l1ml_place_v1 *place) {
    return predict(handle, words, n, scores, place);
}
L1ML_EXPORT void <<space>>_destroy(void *handle) { destroy(handle); }

#ifndef L1ML_NO_ENTRY
L1ML_EXPORT const l1ml_network_table_v1 *l1ml_network_v1(void) { return &table; }
#endif
