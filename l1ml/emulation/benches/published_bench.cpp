// C interface of a network published as C++: integer words in, integer words out.
// l1ml_interface.h is generated: it includes the published header and names its top function (L1ML_TOP) and the sizes of its
// ports (L1ML_SIZES); with L1ML_EMULATOR it also includes the source that defines create_model.
#include <exception>
#include <string>
#include <thread>

#include "published_ports.h"

#include "l1ml_interface.h"

namespace {

using l1ml::Format;
using l1ml::Port;
using l1ml::Word;
using Words = std::vector<Word>;

constexpr std::size_t most_outputs = 1024;
constexpr std::size_t spare_inputs = 64;
constexpr auto &sizes = L1ML_SIZES;

template <class... T> std::vector<Port> ports_of(void (*)(T *...)) {
    static_assert(sizeof...(T) == std::size(sizes), "the prototype and its array sizes differ");
    static_assert((l1ml::Row<std::remove_const_t<T>>::known && ...), "ports must be arrays of ap_fixed or ap_int (io_parallel)");
    std::vector<Port> ports;
    for (const std::size_t size : sizes) ports.emplace_back(size);
    std::size_t index = 0;
    (ports[index++].template bind<T>(), ...);
    return ports;
}

template <class... T, std::size_t... I> void call(void (*top)(T *...), std::vector<Port> &ports, std::index_sequence<I...>) {
    top(ports[I].template bind<T>()...);
}

// The top function alone, a port for each of its arrays.
class Function {
  public:
    Function() : ports_(ports_of(L1ML_TOP)) {}

    // Which ports are outputs is seen, not read: a port is one if the function writes to it.
    std::vector<bool> outputs() {
        std::vector<bool> found;
        for (std::size_t index = 0; index < ports_.size(); ++index) found.push_back(is_output(index));
        return found;
    }

    void run(const std::vector<bool> &outputs, const Word *words, Word *results, Word) {
        for (std::size_t i = 0; i < ports_.size(); ++i) {
            if (outputs[i]) continue;
            ports_[i].write(words, sizes[i], 0);
            words += sizes[i];
        }
        invoke();
        for (std::size_t i = 0; i < ports_.size(); ++i) {
            if (!outputs[i]) continue;
            ports_[i].read(results, sizes[i]);
            results += sizes[i];
        }
    }

    std::vector<Format> formats(const std::vector<bool> &outputs, bool output) const {
        std::vector<Format> all;
        for (std::size_t i = 0; i < ports_.size(); ++i) {
            if (outputs[i] != output) continue;
            const auto found = ports_[i].formats();
            all.insert(all.end(), found.begin(), found.end());
        }
        return all;
    }

  private:
    void invoke() { call(L1ML_TOP, ports_, std::make_index_sequence<std::size(sizes)>()); }

    // One of two opposite fillings differs from whatever is written.
    bool is_output(std::size_t index) {
        std::vector<bool> written(sizes[index]);
        for (const Word filling : {Word(0), Word(-1)}) {
            for (std::size_t i = 0; i < ports_.size(); ++i) ports_[i].write(nullptr, 0, i == index ? filling : 0);
            Words before(sizes[index]), after(sizes[index]);
            ports_[index].read(before.data(), before.size());
            invoke();
            ports_[index].read(after.data(), after.size());
            for (std::size_t i = 0; i < written.size(); ++i) written[i] = written[i] || before[i] != after[i];
        }
        const auto n_written = std::count(written.begin(), written.end(), true);
        if (n_written && n_written != static_cast<std::ptrdiff_t>(written.size()))
            throw std::runtime_error("port " + std::to_string(index) + " of the top function is written in part only: " +
                                     std::to_string(n_written) + " of " + std::to_string(written.size()) + " words");
        return n_written != 0;
    }

    std::vector<Port> ports_;
};

struct Layout {
    std::vector<bool> outputs;
    std::vector<Format> inputs, results;
    Word score = -1;  // index of the one result that is cut on; -1 if the sources do not say
};

#ifdef L1ML_EMULATOR

// The emulator class, asked through std::any like the trigger's own software does.
class Network {
  public:
    explicit Network(std::size_t n_inputs)
        : model_(create_model(), destroy_model), n_inputs_(n_inputs), input_(n_inputs + spare_inputs), result_(most_outputs) {
        model_->prepare_input(std::any(&input_));
        model_->predict();
        model_->read_result(std::any(&result_));
        if (!input_.bound() || !result_.bound())
            throw std::runtime_error("the emulator class asks std::any for no array or pair");
    }

    explicit Network(const Layout &layout) : Network(layout.inputs.size()) { n_results_ = layout.results.size(); }

    // A word beyond the inputs is `rest`: a class that reads further than its network does would show it.
    void run(const Word *words, Word *results, Word rest) {
        input_.write(words, n_inputs_, rest);
        model_->prepare_input(std::any(&input_));
        model_->predict();
        model_->read_result(std::any(&result_));
        result_.read(results, n_results_);
    }

    void describe(Layout &layout) {
        layout.inputs = input_.formats();
        if (input_.open_ended()) layout.inputs.resize(n_inputs_);
        layout.results = result_.formats();
        if (result_.open_ended()) layout.results.resize(count_results());
        layout.score = layout.results.size() == 1 || result_.pair() ? static_cast<Word>(layout.results.size()) - 1 : -1;
    }

  private:
    // A bare pointer says nothing of how many results there are: those that overwrite two opposite fillings with the same word.
    std::size_t count_results() {
        Words read[2] = {Words(most_outputs), Words(most_outputs)};
        for (const int filling : {0, 1}) {
            result_.write(nullptr, 0, -filling);
            model_->read_result(std::any(&result_));
            result_.read(read[filling].data(), most_outputs);
        }
        std::size_t n = 0;
        while (n < most_outputs && read[0][n] == read[1][n]) ++n;
        if (n == 0 || n == most_outputs) throw std::runtime_error("the emulator class writes " + std::to_string(n) + " results");
        return n;
    }

    std::unique_ptr<hls4mlEmulator::Model, void (*)(hls4mlEmulator::Model *)> model_;
    std::size_t n_inputs_, n_results_ = 0;
    Port input_, result_;
};

Layout find_layout() {
    Layout layout;
    Function function;
    layout.outputs = function.outputs();
    Network(function.formats(layout.outputs, false).size()).describe(layout);
    return layout;
}

#else

class Network {
  public:
    explicit Network(const Layout &layout) : outputs_(layout.outputs) {}
    void run(const Word *words, Word *results, Word rest) { function_.run(outputs_, words, results, rest); }

  private:
    std::vector<bool> outputs_;
    Function function_;
};

Layout find_layout() {
    Layout layout;
    Function function;
    layout.outputs = function.outputs();
    layout.inputs = function.formats(layout.outputs, false);
    layout.results = function.formats(layout.outputs, true);
    layout.score = layout.results.size() == 1 ? 0 : -1;
    return layout;
}

#endif

// Tables that activations fill at their first call are filled here, before there are threads.
const Layout &the_layout() {
    static const Layout layout = find_layout();
    return layout;
}

thread_local std::string message;

template <class F> Word guarded(F &&work) {
    try {
        work();
        return 0;
    } catch (const std::exception &error) {
        message = error.what();
    } catch (...) {
        message = "an exception of an unknown type";
    }
    return -1;
}

}  // namespace

#define L1ML_EXPORT extern "C" __attribute__((visibility("default")))

L1ML_EXPORT const char *l1ml_message() { return message.c_str(); }

// counts[0..2] = inputs, results, index of the score among the results or -1.
// Every function returns 0, or -1 and leaves a message.
L1ML_EXPORT Word l1ml_counts(Word *counts) {
    return guarded([=] {
        const Layout &layout = the_layout();
        counts[0] = static_cast<Word>(layout.inputs.size());
        counts[1] = static_cast<Word>(layout.results.size());
        counts[2] = layout.score;
    });
}

// One row of five for each input, then for each result.
L1ML_EXPORT Word l1ml_formats(Word *rows) {
    return guarded([=]() mutable {
        for (const auto *formats : {&the_layout().inputs, &the_layout().results})
            for (const Format &format : *formats) rows = std::copy(format.begin(), format.end(), rows);
    });
}

// Words of `n` crossings by `n_threads` threads, a network for each.
L1ML_EXPORT Word l1ml_predict(const Word *words, Word *results, Word n, Word n_threads, Word rest) {
    return guarded([=] {
        const Layout &layout = the_layout();
        const std::size_t n_inputs = layout.inputs.size(), n_results = layout.results.size();
        const Word share = (n + n_threads - 1) / n_threads;
        std::vector<std::exception_ptr> failures(n_threads);
        const auto work = [&](Word thread) {
            try {
                Network network(layout);
                for (Word i = thread * share; i < std::min(n, (thread + 1) * share); ++i)
                    network.run(words + i * n_inputs, results + i * n_results, rest);
            } catch (...) {
                failures[thread] = std::current_exception();
            }
        };
        std::vector<std::thread> workers;
        for (Word thread = 1; thread < n_threads; ++thread) workers.emplace_back(work, thread);
        work(0);
        for (auto &worker : workers) worker.join();
        for (const auto &failure : failures)
            if (failure) std::rethrow_exception(failure);
    });
}
