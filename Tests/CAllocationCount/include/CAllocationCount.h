#ifndef MOTET_ALLOCATION_COUNT_H
#define MOTET_ALLOCATION_COUNT_H

#include <stdint.h>

/// The number of times that the calling thread has asked for memory; -1 where that cannot be counted.
///
/// The program that this is linked into has its own `malloc` and so on, which count and then ask the C library.
int64_t motet_allocation_count(void);

#endif
