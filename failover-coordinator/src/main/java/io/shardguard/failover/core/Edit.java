package io.shardguard.failover.core;

import io.shardguard.events.Epoch;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Attach;
import io.shardguard.events.GroupTopology.Barred;
import io.shardguard.events.GroupTopology.Detach;
import io.shardguard.events.GroupTopology.Loss;
import io.shardguard.events.GroupTopology.Orders;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.ReplicationEvent.Refusal;
import io.shardguard.events.Timeline;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** A group's state with some of its components replaced. */
final class Edit {

  private final GroupTopology before;
  private List<MemberAddress> members;
  private Epoch epoch;
  private Timeline timeline;
  private String primary;
  private Instant since;
  private Set<String> eligible;
  private Attach attach;
  private Transition transition;
  private Refusal refusal;
  private String fresh;
  private Detach detach;
  private Orders orders;
  private List<Instant> failovers;
  private Loss loss;
  private Barred barred;

  Edit(GroupTopology before) {
    this.before = before;
    members = before.members();
    epoch = before.epoch();
    timeline = before.timeline();
    primary = before.primary();
    since = before.since();
    eligible = before.eligible();
    attach = before.attach();
    transition = before.transition();
    refusal = before.refusal();
    fresh = before.fresh();
    detach = before.detach();
    orders = before.orders();
    failovers = before.failovers();
    loss = before.loss();
    barred = before.barred();
  }

  Edit members(List<MemberAddress> value) {
    members = value;
    return this;
  }

  Edit epoch(Epoch value) {
    epoch = value;
    return this;
  }

  Edit timeline(Timeline value) {
    timeline = value;
    return this;
  }

  Edit primary(String value) {
    primary = value;
    return this;
  }

  Edit since(Instant value) {
    since = value;
    return this;
  }

  Edit eligible(Set<String> value) {
    eligible = value;
    return this;
  }

  Edit attach(Attach value) {
    attach = value;
    return this;
  }

  Edit transition(Transition value) {
    transition = value;
    return this;
  }

  Edit refusal(Refusal value) {
    refusal = value;
    return this;
  }

  Edit fresh(String value) {
    fresh = value;
    return this;
  }

  Edit detach(Detach value) {
    detach = value;
    return this;
  }

  Edit orders(Orders value) {
    orders = value;
    return this;
  }

  Edit failovers(List<Instant> value) {
    failovers = value;
    return this;
  }

  Edit loss(Loss value) {
    loss = value;
    return this;
  }

  Edit barred(Barred value) {
    barred = value;
    return this;
  }

  GroupTopology done() {
    return new GroupTopology(
        before.cluster(),
        before.group(),
        members,
        epoch,
        timeline,
        primary,
        since,
        eligible,
        attach,
        transition,
        refusal,
        fresh,
        detach,
        orders,
        failovers,
        loss,
        barred);
  }
}
