// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <uv.h>

namespace net {

/// Owns a libuv handle. libuv needs its memory until the close callback, after the owner is gone:
/// the struct lives on the heap, closing clears its `data` and the callback frees it. A callback
/// that finds no `data` has no owner.
template <typename Handle>
class UvHandle {
 public:
  explicit UvHandle(void* owner) : handle_(new Handle{}) { handle_->data = owner; }

  UvHandle(const UvHandle&) = delete;
  UvHandle& operator=(const UvHandle&) = delete;
  UvHandle(UvHandle&&) = delete;
  UvHandle& operator=(UvHandle&&) = delete;

  ~UvHandle() { close(); }

  [[nodiscard]] Handle* get() const { return handle_; }

  [[nodiscard]] uv_handle_t* base() const { return reinterpret_cast<uv_handle_t*>(handle_); }

  /// To be called once the handle was given to libuv by its init function.
  void set_initialised() { is_initialised_ = true; }

  void close() {
    if (handle_ == nullptr) {
      return;
    }
    handle_->data = nullptr;
    if (is_initialised_) {
      uv_close(base(), [](uv_handle_t* closed) {
        std::unique_ptr<Handle>(reinterpret_cast<Handle*>(closed));
      });
    } else {
      std::unique_ptr<Handle> freed(handle_);
    }
    handle_ = nullptr;
  }

 private:
  Handle* handle_;
  bool is_initialised_ = false;
};

}  // namespace net
