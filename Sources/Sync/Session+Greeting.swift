import CRDT
import Wire

// Hello, details, authority: what is settled before scopes are compared (SYNC-7).

extension Session {
    /// The session version that this code speaks.
    public static let version: UInt8 = 1

    mutating func surveyed(_ survey: Survey) -> [Effect] {
        self.survey = survey
        guard phase == .opening else { return beginRound() }
        phase = .greeting
        var effects: [Effect] = [.send(.hello(hello(survey)))]
        if let waiting = peerHello {
            peerHello = nil
            effects += greet(waiting)
        }
        return effects
    }

    private func hello(_ survey: Survey) -> Frame.Hello {
        Frame.Hello(
            version: Self.version,
            encodings: Outbox.encodings,
            schema: configuration.schema,
            clock: survey.clock,
            summary: summary(of: configuration.role, survey)
        )
    }

    private func summary(of role: Role, _ survey: Survey) -> [UInt8] {
        survey.scopes.summary(
            of: role,
            key: configuration.channelHash,
            authority: (survey.authorityNumber, survey.authorityHash)
        )
    }

    mutating func greet(_ hello: Frame.Hello) -> [Effect] {
        guard peerHello == nil, phase == .opening || phase == .greeting else {
            return end(.malformed, "a second hello")
        }
        guard hello.version == Self.version else {
            // Whose program is the older one learns it, as far as this version can be told.
            let isOlder = hello.version > Self.version
            let advice =
                isOlder ? "this node is older than its peer: update it" : "the peer is older"
            return [.report(.greeted(clock: hello.clock, schema: hello.schema))]
                + end(.version, "session version \(hello.version), not \(Self.version): \(advice)")
        }
        peerHello = hello
        guard phase == .greeting, let survey else { return [] }
        outbox.acceptedEncodings = hello.encodings
        let greeted = Effect.report(.greeted(clock: hello.clock, schema: hello.schema))
        guard hello.summary == summary(of: configuration.role.other, survey) else {
            phase = .detailing
            var effects = [greeted, .send(.details(details(survey)))]
            if configuration.role == .initiator {
                // What is shared hangs on certificates alone, so the first round need not wait.
                round = Round(number: 1)
                effects += beginRound()
            }
            if let waiting = peerDetails {
                peerDetails = nil
                effects += takeDetails(waiting)
            }
            return effects
        }
        phase = .running
        outbox.live = survey.position
        var effects = [greeted, .report(.equal)] + tellHeld()
        if configuration.endsWhenEqual, configuration.role == .initiator {
            effects += end(.done, "")
        }
        return effects
    }

    private func details(_ survey: Survey) -> Frame.Details {
        Frame.Details(
            replica: configuration.replica,
            software: configuration.software,
            rootNumber: survey.rootNumber,
            authorityNumber: survey.authorityNumber,
            authorityHash: survey.authorityHash
        )
    }

    mutating func takeDetails(_ details: Frame.Details) -> [Effect] {
        guard peerDetails == nil else { return end(.malformed, "details twice") }
        peerDetails = details
        guard phase == .detailing, let survey else { return [] }
        guard details.replica != configuration.replica else {
            return end(.notAllowed, "the peer uses this node's replica")
        }
        var effects: [Effect] = [
            .report(.introduced(replica: details.replica, software: details.software))
        ]
        if details.authorityNumber == survey.authorityNumber,
            details.authorityHash != survey.authorityHash
        {
            return effects + end(.authorityDiffers, "two authority logs of one tenant")
        }
        if survey.authorityNumber > details.authorityNumber
            || survey.rootNumber > details.rootNumber
        {
            effects.append(
                .readStatements(
                    rootsAbove: details.rootNumber,
                    above: details.authorityNumber
                )
            )
        }
        if survey.authorityNumber < details.authorityNumber {
            phase = .learning
            return effects
        }
        return effects + run()
    }

    mutating func tellStatements(
        roots: [Cosigned<RootStatement>],
        statements: [Cosigned<Statement>]
    ) -> [Effect] {
        var effects: [Effect] = []
        var rest = statements[...]
        var roots = roots
        repeat {
            let part = Array(rest.prefix(Self.statementsPerFrame))
            rest = rest.dropFirst(part.count)
            effects.append(.send(.authority(roots: roots, statements: part)))
            roots = []
        } while !rest.isEmpty
        return effects
    }

    /// Statements in one authority frame: a few hundred bytes each.
    private static let statementsPerFrame = 256

    mutating func learn(
        _ roots: [Cosigned<RootStatement>],
        _ statements: [Cosigned<Statement>]
    ) -> [Effect] {
        [.adopt(roots: roots, statements: statements)]
    }

    mutating func adopted(_ number: UInt64?) -> [Effect] {
        guard let number else {
            return end(.authorityDiffers, "the statements do not continue the log held here")
        }
        guard phase == .learning, number >= peerDetails?.authorityNumber ?? 0 else { return [] }
        return run()
    }

    /// Greeting is over: the first round goes on, if the peer has begun it.
    private mutating func run() -> [Effect] {
        phase = .running
        let waiting = round.early
        round.early = nil
        return waiting.map { compare($0.ranges, inRound: $0.number) } ?? []
    }
}
