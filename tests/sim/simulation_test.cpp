// SPDX-License-Identifier: Apache-2.0
#include "sim/simulation.hpp"

#include "support/test.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>

namespace {

constexpr std::size_t kSteps = 800;
constexpr std::uint64_t kSeeds = 100;

/// A number of the environment, as `make sim` sets it.
std::optional<std::uint64_t> environment_number(const char* name) {
  const char* const text = std::getenv(name);
  return text != nullptr && *text != '\0'
             ? std::optional<std::uint64_t>(std::strtoull(text, nullptr, 10))
             : std::nullopt;
}

/// Seeds of tests/sim/seeds.txt.
std::vector<std::uint64_t> known_seeds() {
  std::ifstream file(TURNPIKE_SOURCE_DIR "/tests/sim/seeds.txt");
  std::vector<std::uint64_t> seeds;
  std::string line;
  while (std::getline(file, line)) {
    if (!line.empty() && line.front() != '#') {
      seeds.push_back(std::stoull(line));
    }
  }
  return seeds;
}

}  // namespace

TEST_GROUP(Simulation) {
  static void run(std::uint64_t seed) {
    sim::Simulation simulation(seed);
    const std::string violation = simulation.run(kSteps);
    if (!violation.empty()) {
      FAIL((violation + "\n\tagain with: make sim SEED=" + std::to_string(seed)).c_str());
    }
  }
};

TEST(Simulation, ServerAgreesWithTheReferenceModel) {
  for (const std::uint64_t seed : known_seeds()) {
    run(seed);
  }
  if (const auto seed = environment_number("TURNPIKE_SIM_SEED")) {
    run(*seed);
    return;
  }
  const auto seconds = environment_number("TURNPIKE_SIM_SECONDS");
  if (!seconds) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      run(seed);
    }
    return;
  }
  // Long runs begin where the ordinary ones end, elsewhere each time.
  const auto begin = std::chrono::steady_clock::now();
  auto seed = kSeeds + static_cast<std::uint64_t>(
                           std::chrono::system_clock::now().time_since_epoch().count());
  while (std::chrono::steady_clock::now() - begin < std::chrono::seconds{*seconds}) {
    run(++seed);
  }
}

TEST(Simulation, SameSeedDoesTheSame) {
  sim::Simulation first(42);
  sim::Simulation second(42);
  CHECK_EQUAL(first.run(kSteps), second.run(kSteps));
  CHECK_EQUAL(first.successes(), second.successes());
  CHECK_EQUAL(first.relayed(), second.relayed());
}

TEST(Simulation, MuchHappensInIt) {
  std::size_t successes = 0;
  std::size_t relayed = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    sim::Simulation simulation(seed);
    static_cast<void>(simulation.run(kSteps));
    successes += simulation.successes();
    relayed += simulation.relayed();
  }
  CHECK_TRUE(successes > 200);
  CHECK_TRUE(relayed > 50);
}
