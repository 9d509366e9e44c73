/* Each line of stdin, bytes in hex, sanitised: a line of stdout, in hex too; "-" when it was refused. */
#include <stdio.h>
#include <stdlib.h>

#include "platform/markup/sanitize.h"

static void read_hex(str line, struct buf *out)
{
    for (size_t i = 0; i + 1 < line.n; i += 2) {
        buf_add_char(out, (char)(hex_digit(line.p[i]) * 16 + hex_digit(line.p[i + 1])));
    }
}

static void answer(str line)
{
    struct buf html cleanup_with(buf_cleanup) = {0};
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct scope scope;
    scope_open(&scope);
    read_hex(str_trim(line), &html);
    if (markup_sanitize(&scope, buf_str(&html), NULL, &out) != ERR_OK) {
        putchar('-');
    }
    for (size_t i = 0; i < out.n; i++) {
        printf("%02x", (unsigned char)out.p[i]);
    }
    putchar('\n');
    scope_close(&scope);
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    while ((n = getline(&line, &room, stdin)) >= 0) {
        answer((str){line, (size_t)n});
    }
    free(line);
    return fflush(stdout) == 0 ? 0 : 1;
}
