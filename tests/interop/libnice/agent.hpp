// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nice/agent.h>

/// What both agents are given.
struct Options {
  std::string host;  ///< The server's address, IPv4 or IPv6; the agents use it as their own too.
  guint port = 0;
  NiceRelayType transport = NICE_RELAY_TYPE_TURN_UDP;
  std::string username;
  std::string password;
  unsigned messages = 0;  ///< How many each side sends.
};

/// An ICE agent of libnice with one stream of one component that may only use relayed candidates.
class Agent {
 public:
  /// Told what happens. Every call may call back into the agent.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Something below became true, or a message came.
    virtual void on_progress() = 0;
    /// The agent will not get any further.
    virtual void on_failure(const std::string& why) = 0;
  };

  /// `name` is 'L' or 'R' and begins each message of this side. 'L' controls.
  Agent(char name, const Options& options, Listener& listener);

  /// Allocates at the server. Ends in gathered().
  void gather();
  /// Takes the candidates of `other`, which has gathered. Ends in ready().
  void connect_to(const Agent& other);
  /// Sends the messages that fit into the window, which what has been received moves on.
  void send_what_fits();
  /// Gives the allocation back. Ends in closed().
  void close();

  [[nodiscard]] bool gathered() const { return gathered_; }

  [[nodiscard]] bool ready() const { return ready_; }

  [[nodiscard]] bool closed() const { return closed_; }

  [[nodiscard]] unsigned sent() const { return sent_; }

  /// Messages that came once and exactly as the other side sent them.
  [[nodiscard]] unsigned received() const { return received_; }

  /// "LOCAL-ADDRESS PORT REMOTE-ADDRESS PORT" of the selected pair; nothing unless both are
  /// relayed.
  [[nodiscard]] std::optional<std::string> relayed_pair() const;

 private:
  struct Unref {
    void operator()(gpointer object) const { g_object_unref(object); }
  };

  static void on_gathered(NiceAgent* agent, guint stream, gpointer self);
  static void on_state(NiceAgent* agent, guint stream, guint component, guint state, gpointer self);
  static void on_message(
      NiceAgent* agent, guint stream, guint component, guint size, gchar* bytes, gpointer self);
  static void on_closed(GObject* agent, GAsyncResult* result, gpointer self);

  void receive(std::string_view bytes);

  const char name_;
  const Options options_;
  Listener& listener_;
  std::unique_ptr<NiceAgent, Unref> agent_;
  guint stream_ = 0;
  bool gathered_ = false;
  bool ready_ = false;
  bool closed_ = false;
  unsigned sent_ = 0;
  unsigned received_ = 0;
  std::vector<bool> seen_;
};
