/* The files of a dataset that its source may be made of, and which of them will be read. */
#include <stdlib.h>
#include <string.h>

#include "web/back/wizard.h"

struct file_item {
    str id, name, size, state;
    int64_t percent;
    bool chosen, is_finished;
    bool is_other; /* it came after those that are chosen */
};

static const struct tpl_member file_members[] = {
    TPL_TEXT(struct file_item, id),         TPL_TEXT(struct file_item, name),  TPL_TEXT(struct file_item, size),
    TPL_TEXT(struct file_item, state),      TPL_NUMBER(struct file_item, percent),
    TPL_BOOL(struct file_item, chosen),     TPL_BOOL(struct file_item, is_finished)};
const struct tpl_struct wizard_file_struct = TPL_STRUCT(struct file_item, file_members);

static int by_name(const void *a, const void *b)
{
    const struct upload *x = a;
    const struct upload *y = b;
    char left[UPLOAD_NAME_BYTES + 1] = "";
    char right[UPLOAD_NAME_BYTES + 1] = "";
    memcpy(left, x->name.p, x->name.n < UPLOAD_NAME_BYTES ? x->name.n : UPLOAD_NAME_BYTES);
    memcpy(right, y->name.p, y->name.n < UPLOAD_NAME_BYTES ? y->name.n : UPLOAD_NAME_BYTES);
    int order = strverscmp(left, right);
    return order ? order : x->created < y->created ? -1 : x->created > y->created;
}

/* The copy of what an address gave is no file that people sent. */
static size_t leave_out_copies(const struct wizard *wizard, struct upload *uploads, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_copy = false;
        for (size_t k = 0; k < wizard->resource.upload_count && wizard->resource.kind == RESOURCE_URL; k++) {
            is_copy |= str_eq(uploads[i].id, wizard->resource.uploads[k]);
        }
        if (!is_copy) {
            uploads[kept++] = uploads[i];
        }
    }
    return kept;
}

/* As people count: part-2 before part-10. */
static enum err list_uploads(struct wizard *wizard, struct upload **ret_uploads, size_t *ret_count)
{
    const struct upload *uploads;
    struct call *call = wizard->call;
    TRY(upload_list(call->scope, call->app->catalog, wizard->dataset->uid, 0, &uploads, ret_count));
    *ret_uploads = arena_array(&call->scope->arena, struct upload, *ret_count);
    if (*ret_count) {
        memcpy(*ret_uploads, uploads, *ret_count * sizeof(*uploads));
        *ret_count = leave_out_copies(wizard, *ret_uploads, *ret_count);
        qsort(*ret_uploads, *ret_count, sizeof(**ret_uploads), by_name);
    }
    return ERR_OK;
}

/* Whether it is chosen and not published yet. */
static bool is_waiting(const struct wizard *wizard, const struct upload *upload)
{
    return upload->is_used && upload->created > wizard->dataset->data_processed;
}

static bool is_new(const struct wizard *wizard, const struct upload *upload)
{
    return upload_is_finished(upload) && !upload->is_used && upload->created > wizard->dataset->data_processed;
}

/*
 * At first all files are meant. New files take the place of those that were published. One that came after others were
 * chosen, which are not published yet, is offered in their place: read along unasked, it would double the records.
 */
static void choose(const struct wizard *wizard, const struct upload *uploads, size_t count, struct file_item *items)
{
    bool has_waiting = false;
    bool has_new = false;
    for (size_t i = 0; i < count; i++) {
        has_waiting |= is_waiting(wizard, &uploads[i]);
        has_new |= is_new(wizard, &uploads[i]);
    }
    for (size_t i = 0; i < count; i++) {
        const struct upload *upload = &uploads[i];
        bool is_used = upload->is_used && (!has_new || is_waiting(wizard, upload));
        items[i].is_other = has_waiting && is_new(wizard, upload) && upload->created > wizard->resource.changed;
        items[i].chosen = is_used || (is_new(wizard, upload) && !has_waiting);
    }
}

enum err wizard_list_files(struct wizard *wizard, struct wizard_files *ret_files)
{
    struct call *call = wizard->call;
    struct arena *arena = &call->scope->arena;
    struct upload *uploads;
    size_t count;
    size_t finished = 0;
    TRY(list_uploads(wizard, &uploads, &count));
    struct file_item *items = arena_array(arena, struct file_item, count + 1);
    struct file_item *others = arena_array(arena, struct file_item, count + 1);
    size_t other_count = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t percent = (int64_t)((double)uploads[i].received / (double)uploads[i].bytes * 100);
        items[i] = (struct file_item){.id = uploads[i].id,
                                      .name = uploads[i].name,
                                      .size = format_bytes(arena, call->language, uploads[i].bytes),
                                      .state = office_tell(call, MSG_BACKOFFICE_WIZARD_FILE_PART, ARG_INT("percent", percent)),
                                      .percent = percent,
                                      .is_finished = upload_is_finished(&uploads[i])};
        finished += items[i].is_finished;
    }
    choose(wizard, uploads, count, items);
    for (size_t i = 0; i < count; i++) {
        if (items[i].is_other) {
            others[other_count++] = items[i];
        }
    }
    *ret_files = (struct wizard_files){{items, count}, {others, other_count}, finished};
    return ERR_OK;
}
