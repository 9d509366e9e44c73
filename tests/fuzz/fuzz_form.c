/*
 * Bodies of forms. The first line of the input is the Content-Type. What an urlencoded form holds
 * is there again after encoding it; what a multipart form holds stands in the body.
 */
#include <stdlib.h>

#include "base/bug.h"
#include "base/limits.h"
#include "base/url.h"
#include "base/utf8.h"
#include "platform/http/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_again(struct scope *scope, const struct form *form)
{
    struct buf encoded = {0};
    struct form again;
    for (size_t i = 0; i < form->count; i++) {
        buf_add(&encoded, i ? S("&") : S(""));
        url_encode(&encoded, form->items[i].name);
        buf_add_char(&encoded, '=');
        url_encode(&encoded, form->items[i].value);
    }
    bug_if(form_read(scope, S("application/x-www-form-urlencoded"), buf_str(&encoded), &again) !=
           ERR_OK);
    bug_if(again.count != form->count);
    for (size_t i = 0; i < form->count; i++) {
        bug_if(!str_eq(again.items[i].name, form->items[i].name));
        bug_if(!str_eq(again.items[i].value, form->items[i].value));
    }
    buf_done(&encoded);
}

static void check_multipart(const struct form *form, str body)
{
    size_t total = 0;
    for (size_t i = 0; i < form->count; i++) {
        str value = form->items[i].value;
        bug_if(value.p < body.p || value.p + value.n > body.p + body.n);
        total += value.n + 8; /* each part has dashes, a boundary, line ends */
    }
    bug_if(total > body.n);
}

static bool is_urlencoded(const struct form *form, str body)
{
    for (size_t i = 0; i < form->count; i++) {
        str value = form->items[i].value;
        if (form->items[i].is_file || (value.p >= body.p && value.p < body.p + body.n)) {
            return false;
        }
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct scope scope;
    struct form form;
    char *copy = malloc(size); /* nothing stands behind it */
    if (size) {
        memcpy(copy, bytes, size);
    }
    str rest = {copy, size};
    str type = S("");
    str_split(&rest, '\n', &type);
    scope_open(&scope);
    enum err result = form_read(&scope, type, rest, &form);
    bug_if(result != ERR_OK && result != ERR_REQUEST && result != ERR_TOO_LARGE);
    bug_if(result != ERR_OK && scope.failure.message.n == 0);
    if (result == ERR_OK) {
        bug_if(form.count > LIMIT_FORM_ITEMS);
        for (size_t i = 0; i < form.count; i++) {
            const struct form_item *item = &form.items[i];
            bug_if(!utf8_is_valid(item->name) || !utf8_is_valid(item->file_name));
            bug_if(!item->is_file && !utf8_is_valid(item->value));
            bug_if(!item->is_file && !form_has(&form, item->name));
        }
        if (is_urlencoded(&form, rest)) {
            check_again(&scope, &form);
        } else {
            check_multipart(&form, rest);
        }
    }
    scope_close(&scope);
    free(copy);
    return 0;
}
