// SPDX-License-Identifier: Apache-2.0
#include "control/text_rules.hpp"

#include "support/test.hpp"

using control::has_control_character;
using control::is_utf8;

TEST_GROUP(TextRules) {
};

TEST(TextRules, Utf8IsWellFormed) {
  for (const char* text : {"",
                           "plain",
                           "\x7F",
                           "\xC2\x80",
                           "\xDF\xBF",
                           "\xE0\xA0\x80",
                           "\xED\x9F\xBF",
                           "\xEE\x80\x80",
                           "\xEF\xBF\xBF",
                           "\xF0\x90\x80\x80",
                           "\xF4\x8F\xBF\xBF",
                           "J\xC3\xBCrgen"}) {
    CHECK_TRUE_TEXT(is_utf8(text), text);
  }
}

TEST(TextRules, WhatIsNotUtf8) {
  for (const char* text : {
           "\x80",              // a byte of the middle alone
           "\xC2",              // cut short
           "\xE2\x82",          //
           "\xF0\x9F\x98",      //
           "\xC0\x80",          // overlong
           "\xC1\xBF",          //
           "\xE0\x9F\xBF",      //
           "\xF0\x8F\xBF\xBF",  //
           "\xED\xA0\x80",      // surrogates
           "\xED\xBF\xBF",      //
           "\xF4\x90\x80\x80",  // behind the last
           "\xF5\x80\x80\x80",  //
           "\xFF",              //
           "\xC2\x41",          // a lead without its followers
       }) {
    CHECK_FALSE(is_utf8(text));
  }
  CHECK_TRUE(is_utf8(std::string_view("a\0b", 3)));
}

TEST(TextRules, ControlCharacters) {
  CHECK_FALSE(has_control_character("alice @example:\xC3\xBC\xC2\xA0"));
  CHECK_TRUE(has_control_character("a\nb"));
  CHECK_TRUE(has_control_character("\x1B[31m"));
  CHECK_TRUE(has_control_character("\x7F"));
  CHECK_TRUE(has_control_character("\xC2\x9B"));
  CHECK_TRUE(has_control_character(std::string_view("\0", 1)));
}
