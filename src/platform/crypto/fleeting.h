/*
 * What must never reach a disk: keys that live in memory alone, marks made with them, and memory for both. It is
 * locked (not swapped), left out of core dumps, and wiped before it is given back.
 */
#ifndef PLATFORM_CRYPTO_FLEETING_H
#define PLATFORM_CRYPTO_FLEETING_H

#include "platform/crypto/crypto.h"

/** Zeroed memory of that kind; undone by private_memory_free, which accepts NULL. Aborts without memory. */
void *private_memory(size_t bytes);
void private_memory_free(void *memory);

/** No core dump of this process is made from now on, nor may its memory be read by others than root. */
void process_forbid_dumps(void);

/* A key of SECRET_BYTES, drawn from the kernel. */
struct fleeting_key;

struct fleeting_key *fleeting_key_new(void); /* undone by fleeting_key_free */
void fleeting_key_free(struct fleeting_key *key);

/** Takes bytes that somebody chose: tests alone, which look for what is made with them. */
void fleeting_key_set(struct fleeting_key *key, const uint8_t bytes[SECRET_BYTES]);

/** Wipes the key and draws another. */
void fleeting_key_renew(struct fleeting_key *key);

/** 64 bits of BLAKE2b under the key, over a text. Never 0. */
uint64_t fleeting_mark(const struct fleeting_key *key, str text);

#endif
