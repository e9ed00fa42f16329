// SPDX-License-Identifier: Apache-2.0
#include "agent.hpp"

#include <charconv>

namespace {

constexpr guint kComponent = 1;
constexpr unsigned kWindow = 16;        // Messages a side sends ahead of what it has received.
constexpr std::size_t kLargest = 1200;  // Bytes; what WebRTC keeps its packets under.
constexpr std::size_t kHeader = 8;      // The sender's letter and seven digits.

struct FreeCandidates {
  void operator()(GSList* list) const {
    g_slist_free_full(
        list, [](gpointer each) { nice_candidate_free(static_cast<NiceCandidate*>(each)); });
  }
};

struct FreeText {
  void operator()(gchar* text) const { g_free(text); }
};

/// The message that `sender` numbers `index`: it differs from all others in length, number and
/// content.
std::string message(char sender, unsigned index) {
  const std::string number = std::to_string(index);
  std::string text = sender + std::string(kHeader - 1 - number.size(), '0') + number;
  const std::size_t size = kHeader + (index * 37U) % (kLargest - kHeader + 1);
  unsigned state = index * 2654435761U + static_cast<unsigned char>(sender);
  while (text.size() < size) {
    state = state * 1664525U + 1013904223U;
    text.push_back(static_cast<char>(state >> 24U));
  }
  return text;
}

std::string text_of(const NiceAddress& address) {
  std::string text(NICE_ADDRESS_STRING_LEN, '\0');
  nice_address_to_string(&address, text.data());
  return std::string(text.c_str()) + " " + std::to_string(nice_address_get_port(&address));
}

}  // namespace

Agent::Agent(char name, const Options& options, Listener& listener)
    : name_(name),
      options_(options),
      listener_(listener),
      agent_(nice_agent_new(nullptr, NICE_COMPATIBILITY_RFC5245)),
      stream_(nice_agent_add_stream(agent_.get(), 1)),
      seen_(options.messages) {
  const gboolean controls = name == 'L' ? TRUE : FALSE;
  g_object_set(agent_.get(),
               "controlling-mode",
               controls,
               "force-relay",
               TRUE,
               "upnp",
               FALSE,
               "ice-tcp",
               FALSE,
               nullptr);
  g_signal_connect(agent_.get(), "candidate-gathering-done", G_CALLBACK(on_gathered), this);
  g_signal_connect(agent_.get(), "component-state-changed", G_CALLBACK(on_state), this);
  nice_agent_attach_recv(agent_.get(), stream_, kComponent, nullptr, on_message, this);
}

void Agent::gather() {
  // Left to itself, libnice leaves the loopback interface out.
  NiceAddress local;
  nice_address_init(&local);
  if (nice_address_set_from_string(&local, options_.host.c_str()) == FALSE ||
      nice_agent_add_local_address(agent_.get(), &local) == FALSE ||
      nice_agent_set_relay_info(agent_.get(),
                                stream_,
                                kComponent,
                                options_.host.c_str(),
                                options_.port,
                                options_.username.c_str(),
                                options_.password.c_str(),
                                options_.transport) == FALSE ||
      nice_agent_gather_candidates(agent_.get(), stream_) == FALSE) {
    listener_.on_failure("cannot gather candidates");
  }
}

void Agent::connect_to(const Agent& other) {
  gchar* fragment = nullptr;
  gchar* password = nullptr;
  nice_agent_get_local_credentials(other.agent_.get(), other.stream_, &fragment, &password);
  const std::unique_ptr<gchar, FreeText> owned_fragment(fragment);
  const std::unique_ptr<gchar, FreeText> owned_password(password);
  nice_agent_set_remote_credentials(agent_.get(), stream_, fragment, password);

  const std::unique_ptr<GSList, FreeCandidates> candidates(
      nice_agent_get_local_candidates(other.agent_.get(), other.stream_, kComponent));
  for (const GSList* each = candidates.get(); each != nullptr; each = each->next) {
    if (static_cast<const NiceCandidate*>(each->data)->type != NICE_CANDIDATE_TYPE_RELAYED) {
      listener_.on_failure("a candidate that is not relayed");
      return;
    }
  }
  if (nice_agent_set_remote_candidates(agent_.get(), stream_, kComponent, candidates.get()) < 1) {
    listener_.on_failure("the server granted no relayed address of use");
  }
}

void Agent::send_what_fits() {
  while (sent_ < options_.messages && sent_ < received_ + kWindow) {
    const std::string text = message(name_, sent_);
    const auto size = static_cast<guint>(text.size());
    if (nice_agent_send(agent_.get(), stream_, kComponent, size, text.data()) !=
        static_cast<gint>(size)) {
      listener_.on_failure("message " + std::to_string(sent_) + " cannot be sent");
      return;
    }
    ++sent_;
  }
}

void Agent::receive(std::string_view bytes) {
  unsigned index = options_.messages;
  if (bytes.size() >= kHeader) {
    std::from_chars(bytes.data() + 1, bytes.data() + kHeader, index);
  }
  if (index >= options_.messages || bytes != message(name_ == 'L' ? 'R' : 'L', index)) {
    listener_.on_failure("a message of " + std::to_string(bytes.size()) +
                         " bytes is not what was sent");
  } else if (seen_[index]) {
    listener_.on_failure("message " + std::to_string(index) + " came twice");
  } else {
    seen_[index] = true;
    ++received_;
    listener_.on_progress();
  }
}

void Agent::close() {
  nice_agent_close_async(agent_.get(), on_closed, this);
}

std::optional<std::string> Agent::relayed_pair() const {
  NiceCandidate* local = nullptr;
  NiceCandidate* remote = nullptr;
  if (nice_agent_get_selected_pair(agent_.get(), stream_, kComponent, &local, &remote) == FALSE ||
      local->type != NICE_CANDIDATE_TYPE_RELAYED || remote->type != NICE_CANDIDATE_TYPE_RELAYED) {
    return std::nullopt;
  }
  return text_of(local->addr) + " " + text_of(remote->addr);
}

void Agent::on_gathered(NiceAgent*, guint, gpointer self) {
  auto& agent = *static_cast<Agent*>(self);
  agent.gathered_ = true;
  agent.listener_.on_progress();
}

void Agent::on_state(NiceAgent*, guint, guint, guint state, gpointer self) {
  auto& agent = *static_cast<Agent*>(self);
  if (state == NICE_COMPONENT_STATE_FAILED) {
    agent.listener_.on_failure("no connection through the relay");
  } else if (state == NICE_COMPONENT_STATE_READY) {
    agent.ready_ = true;
    agent.listener_.on_progress();
  }
}

void Agent::on_message(NiceAgent*, guint, guint, guint size, gchar* bytes, gpointer self) {
  static_cast<Agent*>(self)->receive({bytes, size});
}

void Agent::on_closed(GObject*, GAsyncResult*, gpointer self) {
  auto& agent = *static_cast<Agent*>(self);
  agent.closed_ = true;
  agent.listener_.on_progress();
}
