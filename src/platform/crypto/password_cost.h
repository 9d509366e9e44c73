/* For tests alone: hashing at full cost would take them minutes. The program does not call this. */
#ifndef PLATFORM_CRYPTO_PASSWORD_COST_H
#define PLATFORM_CRYPTO_PASSWORD_COST_H

#include <stddef.h>

/** Cost of hashes from now on; not while a hash runs. */
void password_set_cost(unsigned long long passes, size_t memory_bytes);

#endif
