/*
 * Growable byte builder on the heap: bodies, encoders, SQL text. The caller embeds it and calls
 * buf_done. Bytes are not NUL-terminated; buf_str is valid until the next change.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

struct buf {
    char *p;
    size_t n;
    size_t capacity;
};

void buf_done(struct buf *buf);

/** For cleanup_with. */
static inline void buf_cleanup(struct buf *buf)
{
    buf_done(buf);
}

static inline str buf_str(const struct buf *buf)
{
    return (str){buf->p, buf->n};
}

/** Keeps the memory, forgets the content. */
static inline void buf_clear(struct buf *buf)
{
    buf->n = 0;
}

/** Slow path of buf_reserve. */
void buf_grow(struct buf *buf, size_t more);

/** Makes room for more bytes and returns where they go; the caller then adds to buf->n. */
static inline char *buf_reserve(struct buf *buf, size_t more)
{
    if (__builtin_expect(buf->capacity - buf->n < more, 0)) {
        buf_grow(buf, more);
    }
    return buf->p + buf->n;
}

static inline void buf_add(struct buf *buf, str text)
{
    if (text.n) {
        memcpy(buf_reserve(buf, text.n), text.p, text.n);
        buf->n += text.n;
    }
}

static inline void buf_add_char(struct buf *buf, char c)
{
    *buf_reserve(buf, 1) = c;
    buf->n++;
}

void buf_printf(struct buf *buf, const char *format, ...) printf_like(2, 3);

/** Decimal digits of an integer. */
void buf_add_int(struct buf *buf, int64_t value);

/** Copy of the content in an arena. */
str buf_copy(const struct buf *buf, struct arena *arena);

/** Gives the bytes to the caller, who frees them with free(); the builder is empty afterwards. */
str buf_take(struct buf *buf);

#endif
