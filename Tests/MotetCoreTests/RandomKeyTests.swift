import MotetCore
import MotetTestSupport
import Testing

/// Known values come from an independent program in Python, integers of 64 bits written out:
/// `mix` as in Steele, Lea and Flood's SplitMix64, FNV-1a for names.
@Suite("RandomKey") struct RandomKeyTests {
    private static let streams: [(seed: UInt64, value: UInt64, bits: [UInt64])] = [
        (
            0, 0xE220_A839_7B1D_CDAF,
            [0x4821_8226_FF3C_D4BF, 0xA706_DD2F_4D19_7E6F, 0xB382_A305_F441_4F5E]
        ),
        (
            1, 0x910A_2DEC_8902_5CC1,
            [0xDCE4_23FC_82C0_D5B8, 0x5E41_AB08_7439_611E, 0xF18D_6CE9_3D6C_F1EE]
        ),
        (
            42, 0xBDD7_3226_2FEB_6E95,
            [0xB29E_D950_786F_5AE3, 0x57E1_FABA_6510_7204, 0xF4AB_D143_FEB2_4055]
        ),
        (
            .max, 0xE4D9_7177_1B65_2C20,
            [0x4450_18E3_0581_0B78, 0x5DC2_0AA7_B2A2_7137, 0xBDA5_668A_01D7_049C]
        ),
    ]

    @Test(arguments: streams)
    func seedsGiveKnownStreams(seed: UInt64, value: UInt64, bits: [UInt64]) {
        let key = RandomKey(seed: seed)
        #expect(key.value == value)
        #expect((0..<3).map { key.bits($0) } == bits)
        var generator = key.generator()
        #expect((0..<3).map { _ in generator.next() } == bits)
    }

    @Test func splitsGiveKnownKeys() {
        let key = RandomKey(seed: 0)
        #expect(key.split("dropout").value == 0xC732_8A0F_61C9_D1E1)
        #expect(key.split("").value == 0xD84D_1F8E_A453_246E)
        #expect(key.split("Mötet").value == 0xE202_ECD7_516F_92B6)
        #expect(key.split(0).value == 0xA9D7_8400_5D96_1C7C)
        #expect(key.split(1).value == 0xB6C7_B90B_4998_7065)
        #expect(RandomKey(seed: 42).split(-1).value == 0xA793_3D90_E43E_1CB7)
        #expect(RandomKey(seed: 42).bits(-1) == 0x15BA_6783_D67F_9B7B)
    }

    @Test func uniformAndNormalNumbersAreKnown() {
        var uniform = RandomKey(seed: 7).split("tower").split(3).generator()
        #expect(uniform.nextUniform() == 0.03599039114899327)
        #expect(uniform.nextUniform() == 0.9899750842600928)
        #expect(uniform.nextUniform() == 0.1306584143388475)
        var normal = RandomKey(seed: 3).generator()
        #expect(normal.nextNormal().isClose(to: -0.14970526652373717, relative: 1e-14))
        #expect(normal.nextNormal().isClose(to: -0.8981726140555415, relative: 1e-14))
    }

    /// With 100,000 draws the mean lies within 4 standard errors of 1/2, and so does each tenth's share.
    @Test(arguments: RandomKey.seeds(8))
    func numbersAreUniform(key: RandomKey) {
        var generator = key.generator()
        let count = 100_000
        var (sum, tenths) = (0.0, [Int](repeating: 0, count: 10))
        for _ in 0..<count {
            let number = generator.nextUniform()
            #expect(number >= 0 && number < 1)
            sum += number
            tenths[Int(number * 10)] += 1
        }
        #expect(abs(sum / Double(count) - 0.5) < 4 * (1.0 / 12 / Double(count)).squareRoot())
        // Chi-squared with 9 degrees of freedom: 33.7 is passed once in 10,000 times.
        let expected = Double(count) / 10
        let distance = tenths.map { (Double($0) - expected) * (Double($0) - expected) / expected }
        #expect(distance.reduce(0, +) < 33.7)
    }

    @Test(arguments: RandomKey.seeds(8))
    func normalNumbersHaveMeanZeroAndVarianceOne(key: RandomKey) {
        let numbers = TinyData.normal([100_000], key).numbers
        let mean = numbers.reduce(0, +) / 100_000
        let variance = numbers.map { $0 * $0 }.reduce(0, +) / 100_000
        #expect(abs(mean) < 4 / 100_000.0.squareRoot())
        #expect(abs(variance - 1) < 4 * (2 / 100_000.0).squareRoot())
    }

    /// Each bit of one stream agrees with the other half of the time.
    @Test func streamsOfSplitKeysAreIndependent() {
        let key = RandomKey(seed: 0)
        let pairs = [
            (key.split(0), key.split(1)), (key.split("a"), key.split("b")), (key, key.split(0)),
            (key.split("a").split(1), key.split(1).split("a")),
            (RandomKey(seed: 0), RandomKey(seed: 1)),
        ]
        for (first, second) in pairs {
            let agreeing = (0..<10_000).map {
                (~(first.bits($0) ^ second.bits($0))).nonzeroBitCount
            }
            let share = Double(agreeing.reduce(0, +)) / 640_000
            #expect(abs(share - 0.5) < 4 * 0.5 / 640_000.0.squareRoot(), "\(share)")
        }
    }

    @Test func mixingIsABijectionOfSmallNumbers() {
        #expect(Set((0..<10_000).map { RandomKey.mix($0) }).count == 10_000)
        #expect(RandomKey.mix(0) == 0)
    }
}
