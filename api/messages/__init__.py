"""The life of a message, from a person and back.

    inbound    new -> claimed -> done
                 ^       |
                 +-------+ (try again later) -> given_up (honest notice, ticket for a human)

    outbound   queued -> sending -> sent -> delivered -> read
                 ^          |         |
                 +----------+         +-> undelivered | failed
                 (try again later)    dropped: never sent (opted out, window closed)

An inbound row is written once per provider id and committed before the provider hears "200".
Replies are written in the transaction that marks the inbound row done, so a message is never
answered twice from our side. Sending is at least once: `sending` is committed before the call
to the provider, and a row found in that state at start is looked up there before it goes again.
"""
