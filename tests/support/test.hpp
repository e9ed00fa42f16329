// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Include this instead of CppUTest. Both CppUTest and base/check.hpp have a macro named CHECK:
/// ours keeps the name, so that headers included later still abort on their own bugs. Tests say
/// CHECK_TRUE and CHECK_FALSE.
#include "base/check.hpp"

#pragma push_macro("CHECK")
#undef CHECK
#include <CppUTest/TestHarness.h>
#undef CHECK
#pragma pop_macro("CHECK")

#include "support/string_from.hpp"
