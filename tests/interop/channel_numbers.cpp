// SPDX-License-Identifier: Apache-2.0
//
// For LD_PRELOAD into turnutils_uclient 4.6, which takes its channel numbers from RFC 5766's range:
// 0x4000 plus the low 14 bits of a random long. RFC 8656 §12 leaves 0x4000 to 0x4FFF of it, so
// three binds in four would be refused, as they have to be. Here random longs have bits 12 and 13
// clear, which keeps the client to the newer range and leaves the rest of it as it is. With
// CHANNEL_NUMBERS=rfc5766 bit 12 is set: only older numbers.
#include <cstdlib>
#include <cstring>

#include <sys/random.h>

extern "C" int RAND_bytes(unsigned char* bytes, int size) {
  const auto count = static_cast<std::size_t>(size);
  if (getrandom(bytes, count, 0) != static_cast<ssize_t>(count)) {
    return 0;
  }
  unsigned long number = 0;
  if (count == sizeof number) {
    const char* const range = std::getenv("CHANNEL_NUMBERS");
    std::memcpy(&number, bytes, sizeof number);
    number &= ~0x3000UL;
    if (range != nullptr && std::strcmp(range, "rfc5766") == 0) {
      number |= 0x1000UL;
    }
    std::memcpy(bytes, &number, sizeof number);
  }
  return 1;
}
