// The trigger network <<name>> in C++17, made by l1ml <<version>>. Do not edit: make it again with l1ml export cpp.
//
// <<space>>::predict(words, n, scores) is all there is to call. Only the standard library is needed; nothing is allocated, nothing
// throws, no variable outlives a call. Integers alone: every type holds every sum in it, as the ranges of the words prove.
#ifndef <<guard>>
#define <<guard>>

#include <cstdint>

namespace <<space>> {
// the part after the model: two exports of one model by different versions of l1ml never share a symbol
inline namespace export_<<export>> {

constexpr char name[] = "<<name>>";
// SHA-256 of what the model computes; thresholds are bound to it
constexpr char digest[] = "<<digest>>";
constexpr std::int64_t n_inputs = <<n_inputs>>;
constexpr std::int64_t n_outputs = <<n_outputs>>;
// crossings that are computed together, one in each lane of a word's row
constexpr int lanes = <<lanes>>;
// of the caller's stack, for the words of a block
constexpr std::int64_t stack_bytes = <<stack_bytes>>;

enum class Code : std::int32_t { ok = 0, out_of_range = 1, bad_argument = 2 };

// What became of a call; crossing and input say which word was the first out of its range, and are -1 if none was.
struct Status {
    Code code;
    std::int64_t crossing;
    std::int64_t input;
};

namespace detail {

static_assert((-1 >> 1) == -1, "a compiler that shifts in the sign of a negative number, as all do and C++20 demands");

<<functions>>
// The first input of `row` that its link could not carry, or -1.
inline int first_outside(const std::int32_t *row) noexcept {
<<limits>>    // eight at once, a number that compilers know when they choose their vectors
    constexpr int wide = 8;
    std::int32_t outside[wide] = {};
    int i = 0;
    for (; i + wide <= n_inputs; i += wide)
        for (int j = 0; j < wide; ++j)
            outside[j] |= static_cast<std::int32_t>(row[i + j] < low[i + j]) | static_cast<std::int32_t>(row[i + j] > high[i + j]);
    bool any = false;
    for (int j = 0; j < wide; ++j) any |= outside[j] != 0;
    for (; i < n_inputs; ++i) any |= row[i] < low[i] || row[i] > high[i];
    if (!any) return -1;
    int first = 0;
    while (row[first] >= low[first] && row[first] <= high[first]) ++first;
    return first;
}

// Scores of the first `n` crossings of `words`, at least one and at most `lanes`, all in range.
inline void predict_block(const std::int32_t *words, int n, std::int64_t *scores) noexcept {
<<arrays>>    auto *input = <<input>>;
    for (int b = 0; b < n; ++b)
        for (int i = 0; i < n_inputs; ++i) input[i][b] = static_cast<<<input_type>>>(words[b * n_inputs + i]);
    for (int i = 0; i < n_inputs; ++i)
        for (int b = n; b < lanes; ++b) input[i][b] = 0;
<<calls>>    const auto *output = <<output>>;
    for (int b = 0; b < n; ++b)
        for (int i = 0; i < n_outputs; ++i) scores[b * n_outputs + i] = output[i][b];
}

}  // namespace detail

// Scores (n, n_outputs) of `words` (n, n_inputs), both row after row. On Code::out_of_range the crossings before the one named
// have their scores, the others are untouched.
inline Status predict(const std::int32_t *words, std::int64_t n, std::int64_t *scores) noexcept {
    if (n < 0 || (n > 0 && (words == nullptr || scores == nullptr))) return {Code::bad_argument, -1, -1};
    for (std::int64_t first = 0; first < n; first += lanes) {
        const int size = n - first < lanes ? static_cast<int>(n - first) : lanes;
        const std::int32_t *rows = words + first * n_inputs;
        int good = 0, outside = -1;
        while (good < size && (outside = detail::first_outside(rows + good * n_inputs)) < 0) ++good;
        if (good > 0) detail::predict_block(rows, good, scores + first * n_outputs);
        if (good < size) return {Code::out_of_range, first + good, outside};
    }
    return {Code::ok, -1, -1};
}

}  // namespace export_<<export>>
}  // namespace <<space>>

#endif
