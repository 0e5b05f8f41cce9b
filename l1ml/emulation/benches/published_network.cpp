// The published network itself, and what its weight tables hold once compiled.
// l1ml_weights.h and l1ml_top.h are generated: the first includes the published headers, and those of weights as a synthesiser
// sees them, with their values; the second includes the top function and lists the tables (L1ML_TABLES).
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "ap_fixed.h"
#include "ap_int.h"
#include "hls_stream.h"

#include "l1ml_weights.h"

// the blocks that fill tables from text files, relative to wherever the process was started, are left out ...
#define __SYNTHESIS__
// ... and one that is left in does not compile: a table that was not read would be all zero
#define load_weights_from_txt l1ml_refuses_weights_that_are_read_at_run_time
#define load_compressed_weights_from_txt l1ml_refuses_weights_that_are_read_at_run_time
#define load_exponent_weights_from_txt l1ml_refuses_weights_that_are_read_at_run_time
#include "l1ml_top.h"
#undef __SYNTHESIS__

namespace {

template <class T> std::int64_t *describe(const T &values, std::int64_t *row) {
    unsigned char bytes[sizeof(values[0])];
    std::int64_t n_nonzero = 0;
    for (const auto &value : values) {
        std::memcpy(bytes, &value, sizeof bytes);
        n_nonzero += std::any_of(std::begin(bytes), std::end(bytes), [](unsigned char byte) { return byte != 0; });
    }
    *row++ = static_cast<std::int64_t>(std::size(values));
    *row++ = n_nonzero;
    return row;
}

}  // namespace

// Length and number of non-zero values of each weight table, in the order of L1ML_TABLES.
extern "C" __attribute__((visibility("default"))) std::int64_t l1ml_tables(std::int64_t *row) {
#define L1ML_TABLE(name) row = describe(name, row);
    L1ML_TABLES
#undef L1ML_TABLE
    return 0;
}
