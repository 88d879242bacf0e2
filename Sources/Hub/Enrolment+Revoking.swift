public import CRDT
import Node
import Storage
import Wire

/// Why a device is revoked, as its statement says it (ID-5).
public enum RevocationReason: UInt8, Hashable, Sendable, CaseIterable {
    case unsaid = 0
    case lost = 1
    case stolen = 2
    case retired = 3
    case exposed = 4
}

extension Enrolment {
    /// Ends a device's part in the tenant, for good: it is sent nothing more, and of its changes
    /// those count that this hub holds now.
    ///
    /// - Parameters:
    ///   - device: The device, with all its certificates.
    ///   - reason: Why.
    /// - Throws: `.refused` for this hub itself and for a device that is revoked already.
    public func revoke(_ device: ID, reason: RevocationReason) throws {
        guard device != node.store.device else {
            throw CommandFault(.refused, "a hub does not revoke itself", reason: "own-device")
        }
        try node.inTurn {
            let log = node.store.authority
            guard !log.revocations.contains(where: { $0.device == device && $0.serial == 0 }) else {
                throw CommandFault(.refused, "the device is revoked", reason: "revoked")
            }
            try declare(
                .revocation(
                    device: device,
                    serial: 0,
                    reason: reason.rawValue,
                    effectiveAt: log.number + 1
                )
            )
        }
    }

    /// Keeps a device out of sessions, or lets it in again; its changes count on.
    ///
    /// - Throws: `.refused` for this hub itself.
    public func suspend(_ device: ID, isOn: Bool) throws {
        guard device != node.store.device else {
            throw CommandFault(.refused, "a hub does not suspend itself", reason: "own-device")
        }
        try node.inTurn { try declare(.suspend(device: device, serial: 0, isOn: isOn)) }
    }
}
