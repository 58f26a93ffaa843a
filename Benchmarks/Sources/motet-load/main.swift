// Load for a server on this machine or another: an open loop, so that a server that stalls is not asked less.

import Foundation
import NIOCore
import NIOPosix

do {
    let arguments = try LoadArguments(Array(CommandLine.arguments.dropFirst()))
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let done = loop.makePromise(of: LoadReport.self)
    loop.execute { LoadDriver(arguments, loop: loop, done: done).run() }
    let report = try done.futureResult.wait()
    print(arguments.isJSON ? report.json : report.text)
    exit(report.answered > 0 ? 0 : 1)
} catch {
    let sentence = (error as? LoadError)?.sentence ?? "\(error)"
    FileHandle.standardError.write(Data("motet-load: \(sentence)\n".utf8))
    exit(2)
}
