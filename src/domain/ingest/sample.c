#include "domain/ingest/sample.h"
#include "platform/i18n/explanation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Behind the last line end that is not within quotes; a stray quote must not take everything away. */
static size_t end_of_lines(str text, bool has_quotes)
{
    size_t even = 0;
    size_t any = 0;
    bool is_open = false;
    for (size_t i = 0; i < text.n; i++) {
        is_open ^= has_quotes && text.p[i] == '"';
        if (text.p[i] == '\n') {
            any = i + 1;
            even = is_open ? even : i + 1;
        }
    }
    return even ? even : any;
}

/* Behind the last whole item of the outer list: at depth 1, or of a member of the outer object at depth 2. */
static size_t end_of_items(str text, const char **ret_closing)
{
    size_t end = 0;
    int depth = 0;
    char outer[3] = "";
    bool in_text = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (in_text) {
            i += c == '\\';
            in_text = c != '"';
        } else if (c == '"') {
            in_text = true;
        } else if (c == '[' || c == '{') {
            if (depth < 2) {
                outer[depth] = c;
            }
            depth++;
        } else if (c == ']' || c == '}') {
            int list = outer[0] == '[' ? 1 : 2;
            depth -= depth > 0; /* what is no JSON may close more than it opened */
            end = depth == list && outer[list - 1] == '[' ? i + 1 : end;
        }
    }
    *ret_closing = outer[0] == '[' ? "]" : "]}";
    return end;
}

size_t sample_end(str text, const char *format, const char **ret_closing)
{
    *ret_closing = "";
    if (strcmp(format, "json") == 0 || strcmp(format, "geojson") == 0) {
        return end_of_items(text, ret_closing);
    }
    return end_of_lines(text, strcmp(format, "csv") == 0);
}

static enum err cut(struct scope *scope, int file, const char *path, const char *shown, const char *format)
{
    struct stat facts;
    const char *closing;
    if (fstat(file, &facts) != 0) {
        return fail(scope, ERR_FILE, "%s: it cannot be read (%s)", path, strerror(errno));
    }
    char *bytes = malloc((size_t)facts.st_size + 1);
    ssize_t n = bytes ? pread(file, bytes, (size_t)facts.st_size, 0) : -1;
    size_t end = n > 0 ? sample_end((str){bytes, (size_t)n}, format, &closing) : 0;
    free(bytes);
    if (n != facts.st_size) {
        return fail(scope, ERR_FILE, "%s: it cannot be read", path);
    }
    if (end == 0) {
        return fail_in_words(
            scope, ERR_DATA, MSG_FAULT_FILE_NO_WHOLE_RECORD,
            SAYS(ARG_TEXT("file", str_from(shown)), argument_digits(&scope->arena, "most", SAMPLE_BYTES >> 20)));
    }
    size_t length = strlen(closing);
    bool written = ftruncate(file, (off_t)end) == 0 && pwrite(file, closing, length, (off_t)end) == (ssize_t)length;
    return written ? ERR_OK : fail_system(scope, errno, path, "it cannot be written");
}

enum err sample_cut(struct scope *scope, const char *path, const char *shown, const char *format)
{
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        return fail(scope, ERR_FILE, "%s: it cannot be opened (%s)", path, strerror(errno));
    }
    enum err result = cut(scope, file, path, shown, format);
    close(file);
    return result;
}
