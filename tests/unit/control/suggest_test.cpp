// SPDX-License-Identifier: Apache-2.0
#include "control/suggest.hpp"

#include "support/test.hpp"

#include <string>

using control::edit_distance;
using control::nearest;

TEST_GROUP(Suggest) {
};

TEST(Suggest, EditsAreCounted) {
  CHECK_EQUAL(0U, edit_distance("realm", "realm"));
  CHECK_EQUAL(0U, edit_distance("Realm", "rEALM"));
  CHECK_EQUAL(1U, edit_distance("relm", "realm"));
  CHECK_EQUAL(1U, edit_distance("realms", "realm"));
  CHECK_EQUAL(1U, edit_distance("reaim", "realm"));
  CHECK_EQUAL(1U, edit_distance("raelm", "realm"));
  CHECK_EQUAL(5U, edit_distance("", "realm"));
  CHECK_EQUAL(5U, edit_distance("realm", ""));
  CHECK_EQUAL(3U, edit_distance("kitten", "sitting"));
}

TEST(Suggest, TheNearestIsFound) {
  CHECK_EQUAL(std::string("tcp"), std::string(*nearest("tpc", {"udp", "tcp", "tls"})));
  CHECK_EQUAL(std::string("permissions_per_allocation"),
              std::string(*nearest("permission_per_alocation",
                                   {"channels_per_allocation", "permissions_per_allocation"})));
}

TEST(Suggest, NothingNearIsNothing) {
  CHECK_FALSE(nearest("frobnicate", {"udp", "tcp"}).has_value());
  CHECK_FALSE(nearest("", {"udp"}).has_value());
  CHECK_FALSE(nearest("xy", {"ab"}).has_value());
  CHECK_FALSE(nearest(std::string(65, 'a'), {std::string_view("a")}).has_value());
  CHECK_FALSE(nearest("a", {}).has_value());
}
