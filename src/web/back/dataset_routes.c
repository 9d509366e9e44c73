/* Datasets in the back office. */
#include "base/attr.h"
#include "web/back/dataset_change.h"
#include "web/back/routes.h"

#define DATASET "/backoffice/datasets/{}"

static const struct route routes[] = {
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/datasets", back_datasets, "back.datasets",
              "The datasets that somebody may change; a POST makes a draft."),
     .post = back_dataset_create, .keys = true},
    {PAGE_FOR(GUARD_SIGNED_IN, DATASET, back_dataset, "back.dataset",
              "One dataset: its state and what to do next."), .keys = true},
    {WORK(GUARD_SIGNED_IN, DATASET "/release", back_dataset_release, "back.dataset_release",
          "Publish a draft, or open a restricted dataset to everybody.")},
    {WORK(GUARD_SIGNED_IN, DATASET "/withdraw", back_dataset_withdraw, "back.dataset_withdraw",
          "Take a dataset out of sight.")},
    {WORK(GUARD_SIGNED_IN, DATASET "/id", back_dataset_rename, "back.dataset_rename", "Change the id of a dataset.")},
    {WORK(GUARD_SIGNED_IN, DATASET "/unsent", back_unsent, "back.unsent",
          "What somebody typed into a form and has not sent yet.")},
    {WORK(GUARD_SIGNED_IN, DATASET "/remove", back_dataset_remove, "back.dataset_remove",
          "Remove a dataset with all its versions."), .recent = true},
};

static const struct tpl_binding *const templates[] = {&office_dataset_template, &datasets_template,
                                                      &dataset_overview_template};

const struct office_part dataset_part = {routes, ARRAY_LENGTH(routes), templates, ARRAY_LENGTH(templates)};
