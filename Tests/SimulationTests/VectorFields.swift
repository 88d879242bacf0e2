import CRDT
import Identity
@testable import Wire

// What structures say, as JSON: numbers as decimal texts, bytes in hexadecimal.

extension ID {
    var json: JSON { .hex(bytes) }
}

extension Hash {
    var json: JSON { .hex(bytes) }
}

extension Scope {
    var json: JSON { .hex(bytes) }
}

extension Value {
    /// The kind, and the content.
    var json: JSON {
        func tagged(_ kind: UInt8, _ content: JSON...) -> JSON { .list([.decimal(kind)] + content) }
        return switch self {
        case .null: tagged(0)
        case .bool(let isTrue): tagged(isTrue ? 2 : 1)
        case .integer(let number): tagged(3, .decimal(number))
        case .decimal(let mantissa, let scale): tagged(4, .decimal(mantissa), .decimal(scale))
        case .text(let text): tagged(5, .text(text))
        case .bytes(let bytes): tagged(6, .hex(bytes))
        case .id(let id): tagged(7, id.json)
        case .link(let scope, let id): tagged(8, scope.json, id.json)
        case .list(let items): tagged(9, .list(items.map(\.json)))
        case .unknown(let kind, let bytes): tagged(kind, .hex(bytes))
        }
    }
}

extension Name {
    var json: JSON {
        let hash = stride(from: 56, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: self.hash >> UInt64($0))
        }
        return .list([.decimal(stamp.time.raw), stamp.replica.json, .hex(hash)])
    }
}

extension FieldEdit {
    var json: JSON {
        var members: [String: JSON] = [
            "field": .decimal(field), "value": .null, "names": .list([]), "key": .text(""),
            "delta": .decimal(0), "raw": .text(""),
        ]
        func verb(_ verb: UInt8, _ value: Value? = nil, _ names: [Name] = []) {
            members["verb"] = .decimal(verb)
            members["value"] = value?.json ?? .null
            members["names"] = .list(names.map(\.json))
        }
        switch action {
        case .write(let value, let names): verb(names.isEmpty ? 0 : 1, value, names)
        case .add(let value, let names): verb(names.isEmpty ? 2 : 3, value, names)
        case .remove(let value, let names): verb(4, value, names)
        case .increment(let delta):
            verb(5)
            members["delta"] = .decimal(delta)
        case .put(let key, let value, let names):
            verb(names.isEmpty ? 6 : 7, value, names)
            members["key"] = .text(key)
        case .unknown(let number, let bytes):
            verb(number)
            members["raw"] = .hex(bytes)
        }
        return .object(members)
    }
}

extension Operation {
    var json: JSON {
        let (kind, id, raw): (UInt8, JSON, [UInt8]) =
            switch target {
            case .new: (1, .text(""), [])
            case .natural(let id): (2, id.json, [])
            case .existing(let id): (3, id.json, [])
            case .event: (4, .text(""), [])
            case .unknown(let kind, let bytes): (kind, .text(""), bytes)
            }
        return .object([
            "entity": .decimal(entity), "kind": .decimal(kind), "id": id, "raw": .hex(raw),
            "after": .list(after.map(\.json)), "edits": .list(edits.map(\.json)),
        ])
    }
}

extension Body {
    var json: JSON {
        .object([
            "stamp": .decimal(time.raw), "authority": .decimal(authority), "user": user.json,
            "login": .decimal(login), "method": .decimal(method.rawValue),
            "schema": .decimal(schema), "operations": .list(operations.map(\.json)),
        ])
    }
}

// MARK: - Signed structures

extension VerifyingKey {
    var json: JSON { .hex(bytes) }
}

/// A structure that can say what it says.
protocol Described: Signable {
    var json: JSON { get }
}

extension RootStatement: Described {
    var json: JSON {
        .object([
            "number": .decimal(number), "threshold": .decimal(threshold),
            "keys": .list(keys.map(\.json)), "previous": previous.json, "issued": .decimal(issued),
        ])
    }
}

extension Statement: Described {
    var json: JSON {
        .object([
            "tenant": tenant.json, "number": .decimal(number), "previous": previous.json,
            "epoch": .decimal(authorityEpoch), "issued": .decimal(issued),
            "kind": .decimal(payload.kind), "payload": payload.json,
        ])
    }
}

extension Statement.Payload {
    fileprivate var json: JSON {
        switch self {
        case .operator(let key, let logKey, let notBefore, let notAfter):
            .list([key.json, logKey.json, .decimal(notBefore), .decimal(notAfter)])
        case .certificate(let certificate):
            .list([certificate.structure.json, .hex(certificate.signature)])
        case .revocation(let device, let serial, let reason, let effectiveAt):
            .list([device.json, .decimal(serial), .decimal(reason), .decimal(effectiveAt)])
        case .suspend(let device, let serial, let isOn):
            .list([device.json, .decimal(serial), .decimal(isOn ? 1 : 0)])
        case .logEpoch(let epoch, let checkpoint): .list([.decimal(epoch), checkpoint.json])
        case .minimumVersion(let version): .list([.decimal(version)])
        case .invitation(let hash): .list([hash.json])
        case .unknown(_, let bytes): .list([.hex(bytes)])
        }
    }
}

extension Certificate: Described {
    var json: JSON {
        var (rule, named): (Int, [ID]) = (0, [])
        if case .named(let ids) = users { (rule, named) = (1, ids) }
        return .object([
            "tenant": tenant.json, "serial": .decimal(serial), "device": device.json,
            "kind": .decimal(kind.rawValue), "site": site.json, "signKey": signKey.json,
            "channelKey": .hex(channelKey), "rule": .decimal(rule),
            "users": .list(named.map(\.json)), "rights": .decimal(rights),
            "epoch": .decimal(authorityEpoch), "notBefore": .decimal(notBefore),
            "notAfter": .decimal(notAfter), "issuer": issuer.json,
        ])
    }
}

extension ReplicaStatement: Described {
    var json: JSON {
        .object([
            "tenant": tenant.json, "device": device.json, "replica": replica.json,
            "incarnation": .decimal(incarnation), "signKey": signKey.json,
            "certificate": certificate.json, "previous": previousReplica.json,
            "reason": .decimal(reason.rawValue), "opened": .decimal(opened),
        ])
    }
}

extension JoinRequest: Described {
    var json: JSON {
        .object([
            "handshake": .hex(handshakeHash), "tokenId": .hex(tokenID), "signKey": signKey.json,
            "channelKey": .hex(channelKey), "oldCertificate": oldCertificate.json,
        ])
    }
}

extension ElectronicSignature: Described {
    var json: JSON {
        .object([
            "tenant": tenant.json, "scope": scope.json, "record": record.json,
            "revision": revision.json, "shown": shown.json, "meaning": .decimal(meaning.rawValue),
            "reason": reason.json, "user": user.json, "time": .decimal(time),
            "clock": .decimal(clock.rawValue), "method": .decimal(method.rawValue),
        ])
    }
}

extension PersonalKeyClaim: Described {
    var json: JSON {
        .object([
            "tenant": tenant.json, "user": user.json, "device": device.json, "key": key.json,
        ])
    }
}

extension SignatureSet {
    var json: JSON { .list(entries.map { .list([$0.key.json, .hex($0.signature)]) }) }
}

extension Signed where Structure: Described {
    var json: JSON { .object(["body": structure.json, "signature": .hex(signature)]) }
}

extension Cosigned where Structure: Described {
    var json: JSON { .object(["body": structure.json, "signatures": signatures.json]) }
}

extension Binding {
    var json: JSON { .object(["statement": statement.json, "certificate": certificate.json]) }
}

extension Credentials {
    var json: JSON {
        .object([
            "roots": .list(roots.map(\.json)), "operator": operatorStatement.json,
            "issuer": siteIssuer?.json ?? .null, "certificate": certificate.json,
        ])
    }
}
