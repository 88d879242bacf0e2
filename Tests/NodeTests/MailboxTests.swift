import Testing

@testable import Sync

@Suite("Mailbox")
struct MailboxTests {
    @Test("a cancelled take ends at once with nothing", .timeLimit(.minutes(1)))
    func cancelledTakeEnds() async {
        let mailbox = Mailbox<Int>(capacity: 2)
        let taking = Task { await mailbox.take() }

        taking.cancel()

        #expect(await taking.value == nil)
    }

    @Test(
        "what waits is still taken by a cancelled task, and after the end",
        .timeLimit(.minutes(1))
    )
    func nothingIsLost() async {
        let mailbox = Mailbox<Int>(capacity: 2)
        await mailbox.put(1)
        await mailbox.put(2)
        mailbox.finish()

        let taken = Task { [await mailbox.take(), await mailbox.take(), await mailbox.take()] }
        taken.cancel()

        #expect(await taken.value == [1, 2, nil])
    }

    @Test(
        "every item of many senders arrives once, in each sender's order",
        .timeLimit(.minutes(1))
    )
    func itemsArriveOnce() async {
        let mailbox = Mailbox<Int>(capacity: 3)
        let taken = await withTaskGroup(of: [Int].self) { group in
            for sender in 0..<4 {
                group.addTask {
                    for item in 0..<100 { await mailbox.put(sender * 1_000 + item) }
                    return []
                }
            }
            group.addTask {
                var taken: [Int] = []
                while taken.count < 400, let item = await mailbox.take() { taken.append(item) }
                return taken
            }
            return await group.reduce(into: []) { $0 += $1 }
        }

        #expect(Set(taken).count == 400)
        for sender in 0..<4 {
            let own = taken.filter { $0 / 1_000 == sender }
            #expect(own == own.sorted())
        }
    }

    @Test("a closed mailbox lets go of who puts", .timeLimit(.minutes(1)))
    func closedMailboxLetsGo() async {
        let mailbox = Mailbox<Int>(capacity: 1)
        await mailbox.put(1)
        let putting = Task { await mailbox.put(2) }

        mailbox.close()

        await putting.value
        #expect(await mailbox.take() == nil)
    }

    @Test("what weighs too much waits until it is alone", .timeLimit(.minutes(1)))
    func weight() async {
        let mailbox = Mailbox<Int>(capacity: 64, weightMax: 10)
        await mailbox.put(1, weight: 6)
        let heavy = Task { await mailbox.put(2, weight: 20) }
        await mailbox.put(3)
        #expect(await mailbox.take() == 1)
        #expect(Set([await mailbox.take(), await mailbox.take()]) == [2, 3])
        await heavy.value

        await mailbox.put(4, weight: 20)
        let waiting = Task {
            await mailbox.put(5, weight: 1)
            mailbox.finish()
        }
        await mailbox.put(6)
        #expect(await mailbox.take() == 4)
        #expect(Set([await mailbox.take(), await mailbox.take()]) == [5, 6])
        await waiting.value
    }
}
