// The golden crossings of <<name>> through the header and through the C interface; fails if a word differs.
#include "<<stem>>.h"
#include "<<stem>>_golden.h"
#include "l1ml_network.h"

#include <cstdint>
#include <cstdio>
#include <thread>
#include <vector>

extern "C" const l1ml_network_table_v1 *<<space>>_table(void);

namespace network = <<space>>;

namespace {

// a word that the last input could not carry, if 32 bits hold one
constexpr bool has_outside = <<has_outside>>;
constexpr std::int32_t outside = <<outside>>;

int n_failed = 0;

void check(bool passed, const char *what) {
    if (passed) return;
    std::fprintf(stderr, "FAILED: %s\n", what);
    ++n_failed;
}

std::int64_t n_different(const std::vector<std::int64_t> &scores) {
    std::int64_t n = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) n += scores[i] != golden_scores[i];
    return n;
}

std::vector<std::int64_t> no_scores() { return std::vector<std::int64_t>(n_golden * network::n_outputs, INT64_MIN); }

// Blocks of every size, from one crossing to more than a block of the network holds.
void check_header() {
    for (std::int64_t size = 1; size <= n_golden && size <= 2 * network::lanes + 1; ++size) {
        auto scores = no_scores();
        for (std::int64_t first = 0; first < n_golden; first += size) {
            const std::int64_t n = first + size < n_golden ? size : n_golden - first;
            const auto status =
                network::predict(golden_words + first * network::n_inputs, n, scores.data() + first * network::n_outputs);
            check(status.code == network::Code::ok, "golden words are in range");
        }
        check(n_different(scores) == 0, "the header gives the golden scores");
    }
}

// Threads that share one network, and the places of words that no link could carry.
void check_interface() {
    const l1ml_network_table_v1 *table = <<space>>_table();
    check(table->version == 1 && table->size == sizeof *table, "the table is the one of this header");
    void *handle = table->create();
    check(handle != nullptr, "a network is made");
    std::vector<std::vector<std::int64_t>> scores(4, no_scores());
    std::vector<std::thread> threads;
    for (auto &own : scores)
        threads.emplace_back([&] { table->predict(handle, golden_words, n_golden, own.data(), nullptr); });
    for (auto &thread : threads) thread.join();
    for (const auto &own : scores) check(n_different(own) == 0, "every thread gets the golden scores");

    std::vector<std::int32_t> words(golden_words, golden_words + n_golden * network::n_inputs);
    words.back() = outside;
    auto partial = no_scores();
    l1ml_place_v1 place{};
    const std::int32_t code = table->predict(handle, words.data(), n_golden, partial.data(), &place);
    const bool told = place.crossing == n_golden - 1 && place.input == network::n_inputs - 1;
    check(has_outside ? code == L1ML_OUT_OF_RANGE && told : code == L1ML_OK, "a word out of range is refused and its place told");
    check(table->predict(nullptr, golden_words, 1, partial.data(), &place) == L1ML_BAD_ARGUMENT, "null is no network");
    check(table->predict(handle, nullptr, 1, partial.data(), &place) == L1ML_BAD_ARGUMENT, "null holds no words");
    check(table->predict(handle, golden_words, -1, partial.data(), &place) == L1ML_BAD_ARGUMENT, "n is not negative");
    table->destroy(handle);
    table->destroy(nullptr);
}

}  // namespace

int main() {
    check_header();
    check_interface();
    if (n_failed == 0) std::printf("%lld golden crossings: every score word is the same\n", static_cast<long long>(n_golden));
    return n_failed == 0 ? 0 : 1;
}
