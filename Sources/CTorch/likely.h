// The most likely tokens of a row of logits.
#pragma once
#include <algorithm>
#include <cmath>

#include "distribution.h"
#include "guard.h"

namespace likely {

constexpr int64_t most = 64;

// The largest of the logits seen so far, in order; of equal ones those seen first. Tokens without probability are
// passed over.
class Largest {
 public:
  explicit Largest(int64_t wanted) : wanted_(wanted) {}

  // Adds tokens from `first` on.
  void add(const float *logits, int64_t first, int64_t count) {
    if (wanted_ == 0 || !(distribution::largest(logits, count) > least())) return;
    for (int64_t i = 0; i < count; ++i) add(logits[i], first + i);
  }
  // Adds a token; tokens come in order.
  void add(float logit, int64_t token) {
    if (!(logit > least())) return;
    if (count_ < wanted_) ++count_;
    int64_t place = count_ - 1;
    for (; place > 0 && entries_[place - 1].logit < logit; --place) entries_[place] = entries_[place - 1];
    entries_[place] = {logit, token};
  }
  // Writes them down, each with what `log_probability` says of its logit.
  template <class LogProbability>
  void report(ct_likely *to, LogProbability log_probability) const {
    for (int64_t i = 0; i < wanted_; ++i)
      to[i] = i < count_ ? ct_likely{static_cast<int32_t>(entries_[i].token), log_probability(entries_[i].logit)}
                         : ct_likely{-1, 0};
  }

 private:
  // What a logit must be above to be among them.
  float least() const {
    return wanted_ > 0 && count_ == wanted_ ? entries_[count_ - 1].logit : -std::numeric_limits<float>::infinity();
  }

  struct Entry {
    float logit;
    int64_t token;
  };
  Entry entries_[most];
  int64_t wanted_, count_ = 0;
};

inline void check(int64_t count, const void *room) {
  TORCH_CHECK_VALUE(count >= 0 && count <= most, "sample: at most ", most, " likely tokens can be reported, not ", count);
  TORCH_CHECK_VALUE(count == 0 || room, "sample: no room for ", count, " likely tokens");
}

}  // namespace likely
