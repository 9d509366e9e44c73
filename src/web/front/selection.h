/*
 * The selection of datasets: those that somebody set aside to take away together. Of visitors it lives in the
 * address (selection=a,b on the pages that lead around, dataset=a&dataset=b on its own page), of people who
 * are signed in with their account. No cookie holds it.
 */
#ifndef WEB_FRONT_SELECTION_H
#define WEB_FRONT_SELECTION_H

#include "domain/identity/selection.h"
#include "web/shell/page.h"

#define SELECTION_PATH S("/selection")

struct selection {
    const str *ids; /* each once, of the letters that ids have; perhaps of datasets that are not there */
    size_t count;
    bool is_kept;   /* with the account */
    bool is_cut;    /* the address names more than SELECTION_MOST */
};

/** The selection of who asks, for pages that lead around. Errors: those of selection_list. */
enum err selection_read(struct call *call, struct selection *ret_selection) must_check;

/**
 * The selection that the address of the selection's own pages names by dataset=; without any that of the
 * account. Errors: those of selection_list.
 */
enum err selection_named(struct call *call, struct selection *ret_selection) must_check;

bool selection_has(const struct selection *selection, str id);

/** "selection=a%2Cb" for links that keep a visitor's selection; empty where there is nothing to keep. */
str selection_query(struct arena *arena, const struct selection *selection);

/** An address of ours with selection_query behind it. */
str selection_link(struct arena *arena, const struct selection *selection, str address);

/** "dataset=a&dataset=b" for the selection's own pages, without the dataset of an id (empty: with all). */
str selection_names(struct arena *arena, const struct selection *selection, str left_out);

/** What the frame's header needs: page->selection… */
void selection_tell(struct call *call, const struct selection *selection, struct page *page);

/* The way to add a dataset to the selection or to take it out of it, for tpl/part/selection_choice.html. */
struct selection_choice {
    str id, title, csrf;
    str next;   /* this page, when the selection is kept */
    str toggle; /* this page with the other state, when it is not */
    bool is_kept, is_chosen;
};
extern const struct tpl_struct selection_choice_struct;

/** A list of one choice, or of none where nothing more fits. NULL as selection: none. */
struct tpl_list selection_choices(struct call *call, const struct selection *selection, str id, str title);

#endif
