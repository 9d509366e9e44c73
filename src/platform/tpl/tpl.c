#include "platform/tpl/tpl.h"

#include <stdlib.h>

#include "base/bug.h"
#include "platform/tpl/tpl_internal.h"

static int compare_pages(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t)((const struct page *)a)->binding;
    uintptr_t right = (uintptr_t)((const struct page *)b)->binding;
    return left < right ? -1 : left > right;
}

static enum err compile_all(struct scope *scope, struct tpl *tpl, const struct tpl_source *sources,
                            size_t source_count, const struct tpl_binding *const *bindings,
                            size_t count)
{
    tpl->pages = arena_array(&tpl->arena, struct page, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_get_mark(&scope->arena);
        TRY(page_compile(scope, tpl, sources, source_count, bindings[i], &tpl->pages[i]));
        arena_rewind(&scope->arena, mark);
    }
    tpl->count = count;
    qsort(tpl->pages, count, sizeof(*tpl->pages), compare_pages);
    return ERR_OK;
}

enum err tpl_open_sources(struct scope *scope, const struct tpl_source *sources,
                          size_t source_count, const struct tpl_binding *const *bindings,
                          size_t count, struct tpl **ret_tpl)
{
    struct tpl *tpl = calloc(1, sizeof(*tpl));
    if (!tpl) {
        bug_out_of_memory(sizeof(*tpl));
    }
    arena_init(&tpl->arena, 0);
    enum err result = compile_all(scope, tpl, sources, source_count, bindings, count);
    if (result != ERR_OK) {
        tpl_close(tpl);
        return result;
    }
    *ret_tpl = tpl;
    return ERR_OK;
}

enum err tpl_open(struct scope *scope, const struct tpl_binding *const *bindings, size_t count,
                  struct tpl **ret_tpl)
{
    return tpl_open_sources(scope, tpl_sources, tpl_sources_count, bindings, count, ret_tpl);
}

void tpl_close(struct tpl *tpl)
{
    if (tpl) {
        arena_done(&tpl->arena);
        free(tpl);
    }
}
