import CRDT
import Domain
import Identity
public import Storage
public import Wire

extension LocalNode {
    /// Signs one revision of one record for a person who proves, for this act, who they are.
    ///
    /// - Parameters:
    ///   - content: What is signed.
    ///   - proof: The PIN or the passphrase, and the name where it is needed.
    ///   - caller: Who gave the command.
    /// - Returns: The signed structure, and with whom the change is to be written that carries it.
    /// - Throws: As ``signer(_:by:)``.
    public func sign(
        _ content: SignatureContent,
        with proof: SignatureProof,
        by caller: Caller
    ) throws -> (signed: Signed<ElectronicSignature>, actor: Actor) {
        let signer = try signer(proof, by: caller)
        return (signer.sign(content), signer.actor)
    }

    /// A person who may sign once: for actions that see what is signed only when they decide.
    ///
    /// - Throws: `.notPermitted`: `components-needed` where the name is left out too early,
    ///   `wrong-secret`, `locked-out`, `pin-change-needed`, `no-key`, `offline-too-long`,
    ///   `user-disabled`, `user-not-covered`.
    public func signer(_ proof: SignatureProof, by caller: Caller) throws -> Signer {
        let login = try inTurn { try lockingIdle(caller.uid) }.current.flatMap {
            $0.isLocked ? nil : $0
        }
        let user = try signingUser(proof.name, login)
        let attempt = SecretAttempt(user, named: proof.name, .signature, proof.method, by: caller)
        return try noting(attempt) {
            let key = try signingKey(of: user ?? .zero, proof)
            let user = user ?? .zero
            try requireMayAct(user)
            guard store.certificate.covers(user: user, method: proof.method) else {
                throw CommandFault(
                    .notPermitted,
                    "this device may not speak for that person",
                    reason: "user-not-covered"
                )
            }
            let number = login?.user == user ? login?.number ?? 0 : 0
            if number > 0 { try noteSigning(in: number, of: caller.uid) }
            return Signer(
                Actor(user: user, login: number, method: proof.method),
                with: key,
                tenant: store.tenant,
                at: wallMilliseconds,
                clock: ElectronicSignature.ClockQuality(try clockQuality(wallMilliseconds))
            )
        }
    }

    /// Who signs: the name that is given, or whoever signed before in the login that goes on.
    private func signingUser(_ name: String?, _ login: Login?) throws -> ID? {
        if let name { return try loginUser(named: name) }
        guard let login, login.hasSigned else {
            throw CommandFault(
                .notPermitted,
                "the first signature of a login needs the name and the secret: --as USER",
                reason: "components-needed"
            )
        }
        return login.user
    }

    /// The key that signs, if the secret is right.
    private func signingKey(of user: ID, _ proof: SignatureProof) throws -> SigningKey {
        switch proof {
        case .pin(let pin, _):
            try verify(pin: pin, of: user)
            try requireOwnPIN(of: user)
            return store.keys.sign
        case .passphrase(let passphrase, _):
            return try personalKey(of: user, passphrase: passphrase)
        }
    }
}

extension ElectronicSignature.ClockQuality {
    init(_ quality: ClockReading.Quality) {
        switch quality {
        case .synchronized: self = .synchronized
        case .unconfirmed: self = .unconfirmed
        case .implausible: self = .implausible
        }
    }
}
