#include "base/json_read.h"

#include "base/limits.h"

/* jansson recurses; nesting is bounded here before it sees the text. */
static bool is_too_deep(str text)
{
    size_t depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (in_text) {
            i += c == '\\';
            in_text = c != '"';
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            if (++depth > LIMIT_JSON_DEPTH) {
                return true;
            }
        } else if ((c == '}' || c == ']') && depth) {
            depth--;
        }
    }
    return false;
}

enum err json_read(struct scope *scope, enum err code, str text, const char *what,
                   json_t **ret_value)
{
    if (text.n > LIMIT_JSON_BYTES) {
        return fail(scope, code, "%s: larger than %u bytes.", what, LIMIT_JSON_BYTES);
    }
    if (is_too_deep(text)) {
        return fail(scope, code, "%s: nested deeper than %d levels.", what, LIMIT_JSON_DEPTH);
    }
    json_error_t error;
    json_t *value = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &error);
    if (!value) {
        return fail(scope, code, "%s: line %d, column %d: %s.", what, error.line, error.column,
                    error.text);
    }
    *ret_value = value;
    return ERR_OK;
}

bool json_find_fault(struct arena *arena, str text, struct json_fault *ret_fault)
{
    if (text.n > LIMIT_JSON_BYTES || is_too_deep(text)) {
        return false;
    }
    json_error_t error;
    json_t *value = json_loadb(text.p ? text.p : "", text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL,
                               &error);
    if (value) {
        json_decref(value);
        return false;
    }
    *ret_fault = (struct json_fault){error.line, error.column,
                                     str_copy(arena, str_from(error.text))};
    return true;
}

str json_read_text(const json_t *value)
{
    if (!json_is_string(value)) {
        return STR_NONE;
    }
    return (str){json_string_value(value), json_string_length(value)};
}

void json_cleanup(json_t **value)
{
    json_decref(*value);
}
