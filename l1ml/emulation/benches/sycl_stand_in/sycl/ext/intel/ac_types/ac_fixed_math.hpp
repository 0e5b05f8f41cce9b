// Logarithms and exponentials: no layer of ours calls them.
#pragma once
#include <ac_fixed.h>
