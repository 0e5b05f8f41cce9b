// C interface of an HLS project: integer words in, score words out.
// The build defines L1ML_HEADER (header of the top function), L1ML_TOP (its name), L1ML_INPUTS and L1ML_OUTPUTS (words per crossing).
#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

#include L1ML_HEADER

namespace {

constexpr std::int64_t n_inputs = L1ML_INPUTS, n_outputs = L1ML_OUTPUTS;

template <class Input, class Output>
void score(void (*top)(Input *, Output *), const std::int64_t *words, std::int64_t *scores, std::int64_t begin, std::int64_t end) {
    Input inputs[n_inputs];
    Output outputs[n_outputs];
    for (std::int64_t crossing = begin; crossing < end; ++crossing) {
        // range() copies bits: an assignment would read the word as a number and scale it
        for (std::int64_t i = 0; i < n_inputs; ++i) inputs[i].range() = words[crossing * n_inputs + i];
        top(inputs, outputs);
        for (std::int64_t i = 0; i < n_outputs; ++i)
            scores[crossing * n_outputs + i] = static_cast<std::int64_t>(outputs[i].range().to_uint64());
    }
}

template <class Input, class Output> std::int64_t input_bits(void (*)(Input *, Output *)) { return Input::width; }
template <class Input, class Output> std::int64_t output_bits(void (*)(Input *, Output *)) { return Output::width; }

}  // namespace

extern "C" {

std::int64_t l1ml_inputs() { return n_inputs; }
std::int64_t l1ml_outputs() { return n_outputs; }
std::int64_t l1ml_input_bits() { return input_bits(L1ML_TOP); }
std::int64_t l1ml_output_bits() { return output_bits(L1ML_TOP); }

// Score `n` crossings with `n_threads` threads; each score is the bits of the output port, not yet sign-extended.
void l1ml_predict(const std::int64_t *words, std::int64_t *scores, std::int64_t n, std::int64_t n_threads) {
    const std::int64_t share = (n + n_threads - 1) / n_threads;
    std::vector<std::thread> workers;
    for (std::int64_t begin = 0; begin < n; begin += share) {
        const std::int64_t end = std::min(n, begin + share);
        workers.emplace_back([=] { score(L1ML_TOP, words, scores, begin, end); });
    }
    for (auto &worker : workers) worker.join();
}
}
