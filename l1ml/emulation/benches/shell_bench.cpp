// C interface of a verilated Global-Trigger shell: the ports, clock by clock, after a power-up with random registers.
// l1ml_shell.h is generated: bits of a crossing and of a score, numbers of scores and of thresholds.
#include <algorithm>
#include <cstdint>
#include <memory>

#include "Vl1ml.h"
#include "l1ml_shell.h"
#include "port_words.h"
#include "verilated.h"

namespace {

constexpr int n_pieces = l1ml::crossing_bits / 32;

// Registers hold anything after power-up: what comes out before a reset must not be relied on.
struct Context : VerilatedContext {
    Context() {
        randReset(2);
        randSeed(1);
    }
};

struct Device {
    Device() : model(&context) {}
    ~Device() { model.final(); }
    void cycle() {
        model.clk = 0;
        model.eval();
        model.clk = 1;
        model.eval();
    }
    Context context;
    Vl1ml model;
};

}  // namespace

extern "C" {

// In clock c the crossing rows[c] with its number bx[c] is on the port; the outputs are those after the rising edge.
void l1ml_play(const std::uint32_t *crossings, const std::int64_t *rows, const std::int64_t *bx, const std::uint8_t *valid,
               const std::uint8_t *reset, std::int64_t n_clocks, std::uint8_t *valid_out, std::int64_t *bx_out,
               std::int64_t *score_out, std::uint8_t *bits_out) {
    const auto device = std::make_unique<Device>();
    Vl1ml &model = device->model;
    for (std::int64_t clock = 0; clock < n_clocks; ++clock) {
        std::copy_n(crossings + rows[clock] * n_pieces, n_pieces, &model.crossing_in[0]);
        model.bx_in = static_cast<std::uint16_t>(bx[clock]);
        model.valid_in = valid[clock];
        model.reset = reset[clock];
        device->cycle();
        valid_out[clock] = model.valid_out;
        bx_out[clock] = model.bx_out;
        for (int i = 0; i < l1ml::n_scores; ++i)
            score_out[clock * l1ml::n_scores + i] = l1ml::word(model.score_out, i * l1ml::score_bits, l1ml::score_bits);
        for (int i = 0; i < l1ml::n_thresholds; ++i)
            bits_out[clock * l1ml::n_thresholds + i] = static_cast<std::uint8_t>(l1ml::word(model.bits_out, i, 1));
    }
}
}
