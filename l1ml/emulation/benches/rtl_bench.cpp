// C interface of a verilated project: one row of input words per clock cycle, the output port after every rising edge.
// l1ml_ports.h is generated from the manifest: input offsets and widths, port names.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "Vl1ml.h"
#include "l1ml_ports.h"
#include "port_words.h"
#include "verilated.h"

namespace {

using Bits = std::array<std::uint32_t, (l1ml::input_bits + 31) / 32 + 2>;

template <std::size_t N> void assign(VlWide<N> &port, const Bits &bits) { std::copy_n(bits.begin(), N, &port[0]); }

template <class Port> void assign(Port &port, const Bits &bits) {
    port = static_cast<Port>(bits[0] | static_cast<std::uint64_t>(bits[1]) << 32);
}

class Device {
  public:
    Device() : model(&context) {}
    ~Device() { model.final(); }

    // Present one crossing and let one clock cycle pass.
    void step(const std::int64_t *words) {
        Bits bits{};
        for (int i = 0; i < l1ml::n_inputs; ++i) {
            const std::uint64_t word = static_cast<std::uint64_t>(words[i]) & ((1ULL << l1ml::input_width[i]) - 1);
            const int place = l1ml::input_offset[i] / 32;
            // at most 32 bits wide, so a word touches two of the 32-bit pieces at most
            const std::uint64_t placed = word << l1ml::input_offset[i] % 32;
            bits[place] |= static_cast<std::uint32_t>(placed);
            bits[place + 1] |= static_cast<std::uint32_t>(placed >> 32);
        }
        assign(model.L1ML_INPUT_PORT, bits);
        cycle();
    }

    // The words on the output port, the first one in the lowest bits.
    void read(std::int64_t *scores) const {
        for (int i = 0; i < l1ml::n_outputs; ++i) scores[i] = l1ml::word(model.L1ML_OUTPUT_PORT, i * l1ml::output_bits, l1ml::output_bits);
    }

  private:
    void cycle() {
        model.L1ML_CLOCK_PORT = 0;
        model.eval();
        model.L1ML_CLOCK_PORT = 1;
        model.eval();
    }

    VerilatedContext context;
    Vl1ml model;
};

void score(const std::int64_t *words, std::int64_t *scores, std::int64_t begin, std::int64_t end, std::int64_t latency) {
    const auto device = std::make_unique<Device>();
    const std::int64_t delay = std::max<std::int64_t>(latency - 1, 0);
    for (std::int64_t cycle = begin; cycle < end + delay; ++cycle) {
        device->step(words + std::min(cycle, end - 1) * l1ml::n_inputs);
        if (cycle - delay >= begin) device->read(scores + (cycle - delay) * l1ml::n_outputs);
    }
}

}  // namespace

extern "C" {

std::int64_t l1ml_inputs() { return l1ml::n_inputs; }
std::int64_t l1ml_outputs() { return l1ml::n_outputs; }
std::int64_t l1ml_input_bits() { return l1ml::input_bits; }
std::int64_t l1ml_output_bits() { return l1ml::output_bits; }

// One device, one row of words per cycle; the output port after each of the `n` cycles.
void l1ml_record(const std::int64_t *words, std::int64_t *outputs, std::int64_t n) { score(words, outputs, 0, n, 0); }

// A new crossing in every cycle, each score taken `latency` rising edges after its crossing; one device per thread.
void l1ml_predict(const std::int64_t *words, std::int64_t *scores, std::int64_t n, std::int64_t n_threads, std::int64_t latency) {
    const std::int64_t share = (n + n_threads - 1) / n_threads;
    std::vector<std::thread> workers;
    for (std::int64_t begin = 0; begin < n; begin += share) {
        const std::int64_t end = std::min(n, begin + share);
        workers.emplace_back([=] { score(words, scores, begin, end, latency); });
    }
    for (auto &worker : workers) worker.join();
}
}
