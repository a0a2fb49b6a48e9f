#pragma once
// One collection, written as a section of a dump.

#include "sync/dump/dump_job.hpp"

namespace kinto_mirror::sync::dump {

// As it stood at one moment, that of the section's ETag: listed to the end, then whatever came
// meanwhile, until nothing did, and held against the server's own count. Where the two do not
// agree, it is taken back and read anew, a few times. Errors: unproven, where they never did, or
// it is written to without a pause; forbidden, where only a part of it is shown; not_found, where
// it is gone.
ResultTask<Section> write_section(const Job& job, CollectionId id);

}  // namespace kinto_mirror::sync::dump
