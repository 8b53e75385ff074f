// Files that are read, and decompressed, while others are looked at.
#pragma once

#include "module_file.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace kmodcheck {

/// Gives the contents of files one after the other. No more are in memory than there are threads,
/// and one; of few files there is one thread, the caller's.
class read_ahead {
 public:
  read_ahead(std::vector<const char*> paths, std::size_t max_size)
      : paths_(std::move(paths)), max_size_(max_size) {
    constexpr std::size_t few = 32, most = 8;
    if (paths_.size() < few) return;
    const std::size_t n = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, most);
    ready_.resize(n + 1);
    for (std::size_t i = 0; i < n; ++i) readers_.emplace_back([this] { read(); });
  }
  read_ahead(const read_ahead&) = delete;
  read_ahead& operator=(const read_ahead&) = delete;
  ~read_ahead() {
    {
      const std::lock_guard lock{turn_};
      begun_ = paths_.size();
    }
    changed_.notify_all();
    for (auto& r : readers_) r.join();
  }

  /// The contents of the next file, of which there is one.
  contents next() {
    if (readers_.empty()) return {paths_[given_++], max_size_};
    std::unique_lock lock{turn_};
    auto& slot = ready_[given_ % ready_.size()];
    changed_.wait(lock, [&] { return slot.has_value(); });
    contents out = std::move(*slot);
    slot.reset();
    ++given_;
    changed_.notify_all();
    return out;
  }

 private:
  void read() {
    std::unique_lock lock{turn_};
    for (;;) {
      changed_.wait(lock,
                    [&] { return begun_ == paths_.size() || begun_ < given_ + ready_.size(); });
      if (begun_ == paths_.size()) return;
      const std::size_t i = begun_++;
      lock.unlock();
      contents file{paths_[i], max_size_};
      lock.lock();
      ready_[i % ready_.size()].emplace(std::move(file));
      changed_.notify_all();
    }
  }

  std::vector<const char*> paths_;
  std::size_t max_size_;
  std::mutex turn_;
  std::condition_variable changed_;
  std::vector<std::optional<contents>> ready_;
  std::size_t begun_ = 0, given_ = 0;
  std::vector<std::thread> readers_;
};

}  // namespace kmodcheck
