/* Datasets in the back office. */
#include "base/attr.h"
#include "web/back/dataset_frame.h"
#include "web/back/routes.h"

static const struct route routes[] = {
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/datasets", back_datasets, "back.datasets",
              "The datasets that somebody may change."), .keys = true},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/datasets/{}", back_dataset, "back.dataset",
              "One dataset: its state and what to do next."), .keys = true},
};

static const struct tpl_binding *const templates[] = {&office_dataset_template, &datasets_template,
                                                      &dataset_overview_template};

const struct office_part dataset_part = {routes, ARRAY_LENGTH(routes), templates, ARRAY_LENGTH(templates)};
