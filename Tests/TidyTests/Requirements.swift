/// The requirements that the day's work answers to, by area, and why some have no test.
///
/// - Invariant: An id stands in one area.
enum Requirements {
    struct Area {
        let letter: String
        let name: String
        /// Ids, in the order of the table.
        let ids: [String]
    }

    static let areas = [
        Area(
            letter: "C",
            name: "Users, roles, permissions, logins",
            ids: fp(10...22) + tv(6...20) + ad(5...7)
        ),
        Area(
            letter: "D",
            name: "Customers, contacts, vendors",
            ids: fp(23...30) + tv(21...28) + ad(8...13)
        ),
        Area(letter: "E", name: "Workflow catalogue and definitions", ids: fp(31...52)),
        Area(letter: "F", name: "Projects and their progress", ids: fp(53...79)),
        Area(
            letter: "I",
            name: "Messages, notifications, timeline",
            ids: fp(123...128) + ad(23...26) + ad(29...30)
        ),
        Area(
            letter: "J",
            name: "Audit",
            ids: fp(104...104) + fp(130...132) + fp(138...139) + tv(46...48) + tv(50...52)
        ),
        Area(letter: "N", name: "Quality control", ids: tv(120...131) + fp(141...141)),
        Area(letter: "O", name: "Tasks and time", ids: tv(132...142)),
        Area(letter: "V", name: "Import and test data", ids: tv(158...165) + fp(170...172)),
        Area(letter: "X", name: "Search", ids: fp(173...173) + tv(170...171)),
        Area(letter: "Y", name: "Sample data", ids: fp(174...182)),
    ]

    /// Why an id has no test.
    static let reasons = [
        "FP-021": "of a web framework; who is logged in at a station is a record of it alone",
        "FP-170": "a plan of how another system is put to work",
        "TV-028": "who may open sealed credit terms is not decided; the scope they lie in is there",
        "TV-139": "materials come with stock",
        "TV-142": "service comes with orders",
        "TV-158": "categories come with parts",
        "TV-160": "assemblies come with parts",
        "TV-162": "a plan of how another system is put to work",
        "TV-164": "no format of the store has been followed by another yet",
        "TV-171": "assemblies and documents are not there; FP-173 shows what is searched",
        "AD-013": "a page; what it shows is read by AD-011",
    ]

    private static func fp(_ numbers: ClosedRange<Int>) -> [String] { ids("FP", numbers) }
    private static func tv(_ numbers: ClosedRange<Int>) -> [String] { ids("TV", numbers) }
    private static func ad(_ numbers: ClosedRange<Int>) -> [String] { ids("AD", numbers) }

    private static func ids(_ prefix: String, _ numbers: ClosedRange<Int>) -> [String] {
        numbers.map { number in
            let digits = String(number)
            return "\(prefix)-" + String(repeating: "0", count: 3 - digits.count) + digits
        }
    }
}
