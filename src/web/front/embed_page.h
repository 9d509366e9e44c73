/*
 * Tables, maps and charts in frames of other sites: /embed/dataset/ID/chart and so on. Each is the body of a tab in a
 * small page of its own, without the filters beside it, as somebody sees it who is not signed in.
 */
#ifndef WEB_FRONT_EMBED_PAGE_H
#define WEB_FRONT_EMBED_PAGE_H

#include "web/front/dataset_page.h"

/* What an embed shows. */
struct embed_body {
    struct html html;
    bool is_sent;                         /* the answer is sent already: a part for its script */
    str fault;                            /* of its parameters, for people; empty: none */
    struct fault_place place;
    enum message fault_title;
    const char *scripts[PAGE_SCRIPTS_MOST];
    const char *trusted_types;            /* as of struct page */
};

/** Makes the body of a tab. Errors: those of reading. */
typedef enum err embed_renderer(struct dataset_page *page, struct embed_body *ret_body);

/** Opens the dataset that the address names, has its body made and answers. */
enum err embed_page_send(struct call *call, enum dataset_tab tab, embed_renderer *render) must_check;

/** The filter of a page and those of its parameters that are named: "?a=b&c=d", or empty. In the call's arena. */
str embed_query(const struct dataset_page *page, const str *names, size_t count);

/**
 * The code of a frame that shows a tab of the dataset; query: of the frame's address, with its ?. Empty where nobody
 * would see it: in an embed, and of a restricted dataset. In the call's arena.
 */
str embed_code(const struct dataset_page *page, str query, str title);

#endif
