/** One member's life: made, started, and brought to follow its primary. */
package io.shardguard.provisioner.member;
