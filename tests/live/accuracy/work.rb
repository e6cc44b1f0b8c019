# What work.py does, for Ruby.
require "socket"

LANGUAGE, WORKLOAD, COUNT, SECONDS, FLAG, PORT, PATH = ARGV
$late = []
$report = []
$lock = Mutex.new

def now
  Process.clock_gettime(Process::CLOCK_REALTIME)
end

def spin
  n = 0
  n += 1 while n < 2000
end

def own_tid
  File.read("/proc/thread-self/stat").split[0]
end

# Opened at once: at the end each call would wait for the lock again.
def account
  [own_tid, File.open("/proc/thread-self/schedstat")]
end

def finish(mine, start, only_lock)
  spent = mine[1].sysread(512).split
  life = ((now - start) * 1e9).to_i
  $report << [mine[0], life - spent[0].to_i - spent[1].to_i, only_lock ? 1 : 0]
end

def compute(start, last)
  mine = account
  spin while now < last
  finish(mine, start, true)
end

def nap(start, last)
  mine = account
  n = 0
  File.write("/proc/#{own_tid}/timerslack_ns", "1")
  while now < last
    n += 1
    length = 0.007 + n % 7 * 0.0013
    before = now
    sleep length
    after = now
    $late << [after, after - before - length]
  end
  finish(mine, start, false)
end

def read(start, last)
  mine = account
  File.open(PATH, "rb") do |f|
    while now < last
      begin
        f.sysread(65536)
      rescue EOFError
        f.sysseek(0)
      end
    end
  end
  finish(mine, start, true)
end

def echo(start, last)
  mine = account
  s = TCPSocket.new("127.0.0.1", PORT.to_i)
  while now < last
    before = now
    ready = s.recv(64).to_i / 1e9
    after = now
    $late << [after, after - ready] if ready > before
    s.send("x", 0)
  end
  s.close
  finish(mine, start, false)
end

def share(start, last)
  mine = account
  $lock.synchronize { spin } while now < last
  finish(mine, start, false)
end

def put(start, last, queue)
  mine = account
  while now < last
    spin
    queue << 1
  end
  queue << 0
  finish(mine, start, false)
end

def get(start, queue)
  mine = account
  spin while queue.pop != 0
  finish(mine, start, false)
end

print "begin #{$$}\n"
STDOUT.flush
sleep 0.3
last = now + SECONDS.to_f
threads = []
case WORKLOAD
when "sleep" then threads << (t = now; Thread.new { nap(t, last) })
when "read" then threads << (t = now; Thread.new { read(t, last) })
when "echo" then threads << (t = now; Thread.new { echo(t, last) })
when "locks"
  queue = SizedQueue.new(10)
  2.times { s = now; threads << Thread.new { share(s, last) } }
  threads << (a = now; Thread.new { put(a, last, queue) })
  threads << (b = now; Thread.new { get(b, queue) })
end
COUNT.to_i.times { s = now; threads << Thread.new { compute(s, last) } }
threads.each(&:join)
text = $report.map { |tid, asleep, only| "thread #{$$} #{tid} #{asleep} #{only}\n" }.join
text += $late.map { |at, s| "late #{(at * 1e9).to_i} #{(s * 1e9).to_i}\n" }.join
print text, "done #{$$}\n"
STDOUT.flush
sleep 0.01 until File.exist?(FLAG)
