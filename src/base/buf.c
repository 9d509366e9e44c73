#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/num.h"

void buf_done(struct buf *buf)
{
    free(buf->p);
    *buf = (struct buf){0};
}

void buf_grow(struct buf *buf, size_t more)
{
    size_t wanted;
    if (__builtin_add_overflow(buf->n, more, &wanted)) {
        bug_out_of_memory(SIZE_MAX);
    }
    size_t capacity = buf->capacity ? buf->capacity : 256;
    while (capacity < wanted) {
        capacity += capacity / 2 + 256;
    }
    char *grown = realloc(buf->p, capacity);
    if (!grown) {
        bug_out_of_memory(capacity);
    }
    buf->p = grown;
    buf->capacity = capacity;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    bug_if(n < 0);
    buf_reserve(buf, (size_t)n + 1);
    va_start(arguments, format);
    vsnprintf(buf->p + buf->n, (size_t)n + 1, format, arguments);
    va_end(arguments);
    buf->n += (size_t)n;
}

void buf_add_int(struct buf *buf, int64_t value)
{
    buf->n += num_write_int(buf_reserve(buf, NUM_INT_BYTES), value);
}

str buf_copy(const struct buf *buf, struct arena *arena)
{
    return str_copy(arena, buf_str(buf));
}

str buf_take(struct buf *buf)
{
    str bytes = buf_str(buf);
    *buf = (struct buf){0};
    return bytes;
}
