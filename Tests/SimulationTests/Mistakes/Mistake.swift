/// A reading of the merging rules that was tried and is wrong: each is made here, and found.
///
/// - Source: W1 to W12 and the table of the design's `merging.md`, section 0; each case says which.
enum Mistake: String, CaseIterable, Hashable {
    /// W1; row "literal 'it simply follows', cautious, good clocks".
    case followsCautious
    /// W1; row "literal 'it simply follows', plain, bad clocks".
    case followsPlain
    /// W2; row "equal concurrent values kept as one head".
    case equalValuesOneHead
    /// W3; row "fork as tree, heads named by stamp only".
    case namedByStamp
    /// W4; row "fork under invariant 1 (linear feeds)".
    case linearFeeds
    /// W5; row "one peer streams feeds dense but not in its order of arrival", nobody checking.
    case uncheckedOrder
    /// W5; row "arrival order across scopes".
    case orderAcrossScopes
    /// W6; row "rank clamped to receive time".
    case rankClamped
    /// W6; row "marked ranks last".
    case markedLast
    /// W6; row "rank by replicated hub ruling", with the ruling passed over.
    case rulingPassedOver
    /// W7; row "kept and applied at the end: whole change after upgrade".
    case lateAfterUpgrade
    /// W7; row "kept and applied at the end: released change".
    case lateAfterRelease
    /// W8; row "hub withholds a change it refuses, before the verdict is replicated".
    case hubWithholds
    /// W8; row "compensation as ordinary operations".
    case compensation
    /// W8; row "compensation where the hub had not applied what it refused".
    case compensationWithheld
    /// W9: the verdict in another scope than the change.
    case verdictElsewhere
    /// W9: of two verdicts the last to arrive.
    case lastVerdict
    /// W10; row "events folded by order of arrival".
    case eventsByArrival
    /// W10; row "events folded by stamp".
    case eventsByStamp
    /// W11; row "remembered send cursor + restore".
    case rememberedCursor
    /// W11; row "session that lives through a join of the scope".
    case liveThroughJoin
    /// W12; row "signature runs cut by a bounded chunk".
    case cutRuns
    /// U1, MERGE-9; row "heads read at commit, not from the form".
    case headsAtCommit
    /// U11; row "scope left and joined, own sequence forgotten".
    case sequenceForgotten
    /// U11; row "own unsent work dropped".
    case unsentDropped
    /// U13, CHG-13: a restored device goes on as the replica that it was.
    case restoredGoesOn
    /// Row "floor ignores pending rulings".
    case floorIgnoresRulings
    /// Row "snapshot without other heads".
    case snapshotWithoutHeads
    /// Row "snapshot without held bodies".
    case snapshotWithoutBodies
    /// Row "per-record floor without 'decided'".
    case floorUndecided
    /// Row "per-record floor without closure".
    case floorUnclosed
    /// Row "snapshot without verdicts".
    case snapshotWithoutVerdicts
}

extension Mistake {
    /// How a mistake is made, and what finds it.
    enum Trial: Hashable {
        /// A reference replica without the rule plays random acts, and breaks a law that stores
        /// and the whole reference keep when they play the same.
        case reference(Family, breaks: Law)
        /// What a store reads for a peer is cut by a sender without the rule, and stores refuse it.
        case sender
        /// There is nothing yet to make it in.
        case notBuilt(String)
    }

    var trial: Trial {
        switch self {
        case .followsCautious: .reference(.registers, breaks: .convergence)
        case .followsPlain: .reference(.clocks, breaks: .convergence)
        case .equalValuesOneHead: .reference(.registers, breaks: .convergence)
        case .namedByStamp: .reference(.forks, breaks: .convergence)
        case .linearFeeds: .reference(.forks, breaks: .convergence)
        case .uncheckedOrder: .reference(.relays, breaks: .order)
        case .orderAcrossScopes: .reference(.relays, breaks: .delivery)
        case .rankClamped, .markedLast: .reference(.clocks, breaks: .convergence)
        case .rulingPassedOver: .reference(.clocks, breaks: .value)
        case .lateAfterUpgrade: .reference(.versions, breaks: .convergence)
        case .lateAfterRelease: .reference(.verdicts, breaks: .convergence)
        case .hubWithholds: .reference(.verdicts, breaks: .convergence)
        case .compensation: .reference(.verdicts, breaks: .value)
        case .compensationWithheld: .reference(.verdicts, breaks: .convergence)
        case .verdictElsewhere: .reference(.verdicts, breaks: .convergence)
        case .lastVerdict: .reference(.hubs, breaks: .convergence)
        case .eventsByArrival: .reference(.registers, breaks: .convergence)
        case .eventsByStamp: .reference(.clocks, breaks: .value)
        case .rememberedCursor: .reference(.restores, breaks: .convergence)
        case .liveThroughJoin: .reference(.joins, breaks: .delivery)
        case .headsAtCommit: .reference(.forms, breaks: .meaning)
        case .sequenceForgotten: .reference(.leaves, breaks: .sequence)
        case .unsentDropped: .reference(.leaves, breaks: .durability)
        case .restoredGoesOn: .reference(.restores, breaks: .sequence)
        case .cutRuns: .sender
        case .floorIgnoresRulings, .floorUndecided, .floorUnclosed:
            .notBuilt("whole scopes are kept: there is no floor")
        case .snapshotWithoutHeads, .snapshotWithoutBodies, .snapshotWithoutVerdicts:
            .notBuilt("whole scopes are kept: there are no snapshots")
        }
    }
}
