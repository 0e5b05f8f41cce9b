// Words side by side on a port of a verilated module, however wide it is.
#pragma once
#include <cstdint>

#include "verilated.h"

namespace l1ml {

template <std::size_t N> std::uint32_t piece(const VlWide<N> &port, int index) {
    return index < static_cast<int>(N) ? port[index] : 0;
}

template <class Port> std::uint32_t piece(const Port &port, int index) {
    return index < 2 ? static_cast<std::uint32_t>(static_cast<std::uint64_t>(port) >> 32 * index) : 0;
}

// `width` bits, 64 at most, from bit `low` on; they touch three of the 32-bit pieces of the port at most.
template <class Port> std::int64_t word(const Port &port, int low, int width) {
    std::uint64_t bits = 0;
    for (int index = low / 32, place = -(low % 32); place < width; ++index, place += 32) {
        const std::uint64_t found = piece(port, index);
        bits |= place < 0 ? found >> -place : found << place;
    }
    return static_cast<std::int64_t>(width < 64 ? bits & ((1ULL << width) - 1) : bits);
}

}  // namespace l1ml
