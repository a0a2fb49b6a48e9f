#pragma once
// A family of metrics while it is filled, under the daemon's own prefix.

#include "daemon/status/board.hpp"

#include <initializer_list>
#include <limits>
#include <prometheus/metric_family.h>
#include <string>
#include <utility>

namespace kinto_mirror::daemon {

using Label = prometheus::ClientMetric::Label;
using Labels = std::initializer_list<Label>;

class Family {
 public:
  Family(const char* name, const char* help, prometheus::MetricType type) {
    family_.name = std::string("kinto_mirror_") + name;
    family_.help = help;
    family_.type = type;
  }

  template <class Number>
  void add(Labels labels, Number value) {
    prometheus::ClientMetric& metric = next(labels);
    (family_.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) =
        static_cast<double>(value);
  }

  void add(Labels labels, const Histogram& histogram) {
    prometheus::ClientMetric& metric = next(labels);
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
      count += histogram.counts[i];
      const bool last = i == Histogram::bounds.size();
      metric.histogram.bucket.push_back(
          {count, last ? std::numeric_limits<double>::infinity() : Histogram::bounds[i]});
    }
    metric.histogram.sample_count = count;
    metric.histogram.sample_sum = histogram.sum;
  }

  prometheus::MetricFamily take() && { return std::move(family_); }

 private:
  prometheus::ClientMetric& next(Labels labels) {
    family_.metric.emplace_back().label.assign(labels);
    return family_.metric.back();
  }

  prometheus::MetricFamily family_;
};

}  // namespace kinto_mirror::daemon
