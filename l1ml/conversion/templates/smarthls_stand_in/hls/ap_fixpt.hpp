// Stand-in for the header of this name in SmartHLS, where SmartHLS is not installed: the fixed-point numbers of hls4ml's ap_types.
// Both have the same template arguments, modes of the same names, sums and products as wide as they need to be, and round and
// saturate only where a value is assigned or constructed (SmartHLS User Guide, C++ Arbitrary Precision Fixed Point Library).
// Microchip's own numbers are not what runs with it; SmartHLS never reads this file.
#pragma once

#include "ap_fixed.h"
#include "hls/ap_int.hpp"

namespace hls {

using ::AP_RND;
using ::AP_RND_CONV;
using ::AP_RND_INF;
using ::AP_RND_MIN_INF;
using ::AP_RND_ZERO;
using ::AP_SAT;
using ::AP_SAT_SYM;
using ::AP_SAT_ZERO;
using ::AP_TRN;
using ::AP_TRN_ZERO;
using ::AP_WRAP;

template <int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP> using ap_fixpt = ::ap_fixed<W, I, Q, O>;
template <int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP> using ap_ufixpt = ::ap_ufixed<W, I, Q, O>;

}  // namespace hls
