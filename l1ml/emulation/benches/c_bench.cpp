// C interface of an HLS project: integer words in, score words out.
// The build defines L1ML_HEADER (header of the top function), L1ML_TOP (its name), L1ML_INPUTS and L1ML_OUTPUTS (words per crossing);
// L1ML_PIPES (both pipes) for oneAPI, whose top is a class.
#include <algorithm>
#include <cstdint>
#include <thread>
#include <type_traits>
#include <vector>

#include L1ML_HEADER

namespace {

constexpr std::int64_t n_inputs = L1ML_INPUTS, n_outputs = L1ML_OUTPUTS;

// Bits are copied: an assignment would read the word as a number and scale it.
#ifdef __AC_FIXED_H
template <class Word> void set_bits(Word &word, std::int64_t bits) { word.set_slc(0, ac_int<Word::width, false>(bits)); }
template <class Word> std::int64_t bits_of(const Word &word) {
    return static_cast<std::int64_t>(ac_int<Word::width, false>(word.template slc<Word::width>(0)).to_uint64());
}
#else
template <class Word> void set_bits(Word &word, std::int64_t bits) { word.range() = bits; }
template <class Word> std::int64_t bits_of(Word &word) { return static_cast<std::int64_t>(word.range().to_uint64()); }
#endif

// Arrays: the top function keeps nothing, and any number of threads may call it.
template <class Input, class Output> struct Arrays {
    using input_word = Input;
    using output_word = Output;
    static constexpr bool threads = true;
    static void run(void (*top)(Input *, Output *), const std::int64_t *words, std::int64_t *scores) {
        Input inputs[n_inputs];
        Output outputs[n_outputs];
        for (std::int64_t i = 0; i < n_inputs; ++i) set_bits(inputs[i], words[i]);
        top(inputs, outputs);
        for (std::int64_t i = 0; i < n_outputs; ++i) scores[i] = bits_of(outputs[i]);
    }
};
template <class Input, class Output> Arrays<Input, Output> interface(void (*)(Input *, Output *));

#if defined(SMARTHLS_STAND_IN)
// FIFOs of SmartHLS: a row is one transfer of a structure, and nothing is static.
template <class Input, class Output> struct Fifos {
    using input_word = std::remove_extent_t<decltype(Input::data)>;
    using output_word = std::remove_extent_t<decltype(Output::data)>;
    static constexpr bool threads = true;
    static void run(void (*top)(hls::FIFO<Input> &, hls::FIFO<Output> &), const std::int64_t *words, std::int64_t *scores) {
        hls::FIFO<Input> source;
        hls::FIFO<Output> sink;
        Input row;
        for (std::int64_t i = 0; i < n_inputs; ++i) set_bits(row.data[i], words[i]);
        source.write(row);
        top(source, sink);
        Output outputs = sink.read();
        for (std::int64_t i = 0; i < n_outputs; ++i) scores[i] = bits_of(outputs.data[i]);
    }
};
template <class Input, class Output> Fifos<Input, Output> interface(void (*)(hls::FIFO<Input> &, hls::FIFO<Output> &));
using Interface = decltype(interface(L1ML_TOP));
#define L1ML_CALLED L1ML_TOP
#elif defined(L1ML_PIPES)
template <class Source, class Sink> struct Pipes {
    using input_row = typename nnet::ExtractPipeType<Source>::value_type;
    using input_word = typename input_row::value_type;
    using output_word = typename nnet::ExtractPipeType<Sink>::value_type::value_type;
    static constexpr bool threads = false;
    static void run(L1ML_TOP top, const std::int64_t *words, std::int64_t *scores) {
        input_row row;
        for (std::int64_t i = 0; i < n_inputs; ++i) set_bits(row[i], words[i]);
        Source::write(row);
        top();
        auto outputs = Sink::read();
        for (std::int64_t i = 0; i < n_outputs; ++i) scores[i] = bits_of(outputs[i]);
    }
};
using Interface = Pipes<L1ML_PIPES>;
#define L1ML_CALLED L1ML_TOP{}
#else
// Streams: a row is one transfer; what is between two functions may be static.
template <template <class...> class Stream, class Input, class Output> struct Streams {
    using input_word = typename Input::value_type;
    using output_word = typename Output::value_type;
    static constexpr bool threads = false;
    static void run(void (*top)(Stream<Input> &, Stream<Output> &), const std::int64_t *words, std::int64_t *scores) {
        Stream<Input> source;
        Stream<Output> sink;
        Input row;
        for (std::int64_t i = 0; i < n_inputs; ++i) set_bits(row[i], words[i]);
        source.write(row);
        top(source, sink);
        Output outputs = sink.read();
        for (std::int64_t i = 0; i < n_outputs; ++i) scores[i] = bits_of(outputs[i]);
    }
};
#ifdef __AC_FIXED_H
template <class Input, class Output>
Streams<ac_channel, Input, Output> interface(void (*)(ac_channel<Input> &, ac_channel<Output> &));
#else
template <class Input, class Output>
Streams<hls::stream, Input, Output> interface(void (*)(hls::stream<Input> &, hls::stream<Output> &));
#endif
using Interface = decltype(interface(L1ML_TOP));
#define L1ML_CALLED L1ML_TOP
#endif

void score(const std::int64_t *words, std::int64_t *scores, std::int64_t begin, std::int64_t end) {
    for (std::int64_t crossing = begin; crossing < end; ++crossing) {
        Interface::run(L1ML_CALLED, words + crossing * n_inputs, scores + crossing * n_outputs);
    }
}

}  // namespace

extern "C" {

std::int64_t l1ml_inputs() { return n_inputs; }
std::int64_t l1ml_outputs() { return n_outputs; }
std::int64_t l1ml_input_bits() { return Interface::input_word::width; }
std::int64_t l1ml_output_bits() { return Interface::output_word::width; }

// Score `n` crossings with `n_threads` threads; each score is the bits of the output port, not yet sign-extended.
void l1ml_predict(const std::int64_t *words, std::int64_t *scores, std::int64_t n, std::int64_t n_threads) {
    const std::int64_t share = Interface::threads ? (n + n_threads - 1) / n_threads : std::max<std::int64_t>(n, 1);
    std::vector<std::thread> workers;
    for (std::int64_t begin = 0; begin < n; begin += share) {
        const std::int64_t end = std::min(n, begin + share);
        workers.emplace_back([=] { score(words, scores, begin, end); });
    }
    for (auto &worker : workers) worker.join();
}
}
