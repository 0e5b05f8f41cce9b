// Typed storage whose words are read and written as integers; widths, points and signs come from the C++ types themselves.
#ifndef L1ML_PUBLISHED_PORTS_H
#define L1ML_PUBLISHED_PORTS_H

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "ap_fixed.h"
#include "ap_int.h"

namespace l1ml {

using Word = std::int64_t;
using Format = std::array<Word, 5>;  // width, bits before the point, sign, ap_q_mode, ap_o_mode

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N>
constexpr Format format_of(const ap_fixed_base<W, I, S, Q, O, N> *) {
    return {W, I, S, Q, O};
}
template <int W, bool S> constexpr Format format_of(const ap_int_base<W, S> *) { return {W, W, S, AP_TRN, AP_WRAP}; }
template <class T> constexpr auto format_of(const T *) -> std::enable_if_t<std::is_integral_v<T>, Format> {
    const Word width = std::is_same_v<T, bool> ? 1 : 8 * sizeof(T);
    return {width, width, std::is_signed_v<T>, AP_TRN, AP_WRAP};
}

template <class T, class = void> struct IsNumber : std::false_type {};
template <class T> struct IsNumber<T, std::void_t<decltype(format_of(static_cast<const T *>(nullptr)))>> : std::true_type {};

template <class T> Word get(const T &number) {
    constexpr Format format = format_of(static_cast<const T *>(nullptr));
    std::uint64_t bits;
    if constexpr (std::is_integral_v<T>) bits = static_cast<std::uint64_t>(number);
    // range() copies bits: a conversion would read the word as a number and scale it
    else bits = const_cast<T &>(number).range().to_uint64();
    constexpr int spare = 64 - static_cast<int>(std::min<Word>(format[0], 64));
    return format[2] ? static_cast<Word>(bits << spare) >> spare : static_cast<Word>(bits << spare >> spare);
}

template <class T> void set(T &number, Word word) {
    if constexpr (std::is_integral_v<T>) number = static_cast<T>(word);
    else number.range() = word;
}

// A value as a row of numbers: one number, or an array, or a pair of such values.
template <class T, class = void> struct Row {
    static constexpr bool known = false;
};
template <class T> struct Row<T, std::enable_if_t<IsNumber<T>::value>> {
    static constexpr bool known = true;
    template <class F> static void each(T &value, F &&visit) { visit(value); }
};
template <class T, std::size_t N> struct Row<std::array<T, N>> {
    static constexpr bool known = Row<T>::known;
    template <class F> static void each(std::array<T, N> &values, F &&visit) {
        for (auto &value : values) Row<T>::each(value, visit);
    }
};
template <class T, std::size_t N> struct Row<T[N]> {
    static constexpr bool known = Row<T>::known;
    template <class F> static void each(T (&values)[N], F &&visit) {
        for (auto &value : values) Row<T>::each(value, visit);
    }
};
template <class A, class B> struct Row<std::pair<A, B>> {
    static constexpr bool known = Row<A>::known && Row<B>::known;
    template <class F> static void each(std::pair<A, B> &values, F &&visit) {
        Row<A>::each(values.first, visit);
        Row<B>::each(values.second, visit);
    }
};

// Whether a value is what CMS calls a result: what the network gives, and the one number that is cut on.
template <class T> struct IsPair : std::false_type {};
template <class A, class B> struct IsPair<std::pair<A, B>> : IsNumber<B> {};

// Storage for whatever type a model first asks for. A bare number says nothing of how many follow it: it gets `capacity` of them.
class Port {
  public:
    explicit Port(std::size_t capacity) : capacity_(capacity) {}

    template <class Value> Value *bind() {
        using T = std::remove_const_t<Value>;
        if constexpr (!Row<T>::known) {
            throw std::runtime_error("a port is no ap_fixed, no ap_int and no array or pair of them");
        } else {
            if (!storage_) allocate<T>();
            if (tag_ != &tag<T>) throw std::runtime_error("a port is read as two different types");
            return static_cast<T *>(storage_.get());
        }
    }

    template <class Value> Value **bind_pointer() {
        pointer_ = const_cast<std::remove_const_t<Value> *>(bind<Value>());
        return reinterpret_cast<Value **>(&pointer_);
    }

    bool bound() const { return storage_ != nullptr; }
    bool open_ended() const { return open_ended_; }
    bool pair() const { return pair_; }
    std::vector<Format> formats() const {
        std::vector<Format> found;
        formats_(storage_.get(), n_values_, found);
        return found;
    }
    void write(const Word *words, std::size_t n, Word rest) { write_(storage_.get(), n_values_, words, n, rest); }
    void read(Word *words, std::size_t n) const { read_(storage_.get(), n_values_, words, n); }

  private:
    template <class T> static inline const char tag = 0;

    template <class T> void allocate() {
        open_ended_ = IsNumber<T>::value;
        pair_ = IsPair<T>::value;
        n_values_ = open_ended_ ? capacity_ : 1;
        storage_ = std::shared_ptr<void>(new T[n_values_](), [](void *values) { delete[] static_cast<T *>(values); });
        tag_ = &tag<T>;
        formats_ = [](void *values, std::size_t n_values, std::vector<Format> &found) {
            visit<T>(values, n_values, [&](auto &number) { found.push_back(format_of(&number)); });
        };
        write_ = [](void *values, std::size_t n_values, const Word *words, std::size_t n, Word rest) {
            std::size_t index = 0;
            visit<T>(values, n_values, [&](auto &number) { set(number, index < n ? words[index] : rest), ++index; });
        };
        read_ = [](void *values, std::size_t n_values, Word *words, std::size_t n) {
            std::size_t index = 0;
            visit<T>(values, IsNumber<T>::value ? std::min(n, n_values) : n_values, [&](auto &number) {
                if (index < n) words[index] = get(number);
                ++index;
            });
        };
    }

    template <class T, class F> static void visit(void *values, std::size_t n_values, F &&number) {
        for (std::size_t i = 0; i < n_values; ++i) Row<T>::each(static_cast<T *>(values)[i], number);
    }

    std::size_t capacity_, n_values_ = 0;
    std::shared_ptr<void> storage_;
    void *pointer_ = nullptr;
    const char *tag_ = nullptr;
    bool open_ended_ = false, pair_ = false;
    void (*formats_)(void *, std::size_t, std::vector<Format> &) = nullptr;
    void (*write_)(void *, std::size_t, const Word *, std::size_t, Word) = nullptr;
    void (*read_)(void *, std::size_t, Word *, std::size_t) = nullptr;
};

}  // namespace l1ml

#endif
