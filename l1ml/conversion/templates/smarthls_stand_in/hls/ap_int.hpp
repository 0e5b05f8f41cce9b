// Stand-in for the header of this name in SmartHLS, where SmartHLS is not installed: the integers of hls4ml's ap_types.
// Microchip's own numbers are not what runs with it; SmartHLS never reads this file.
#pragma once

#include "ap_int.h"

namespace hls {

template <int W> using ap_int = ::ap_int<W>;
template <int W> using ap_uint = ::ap_uint<W>;

}  // namespace hls
